"""REST resource photo: pictures of what people did, the very bytes that they sent and small copies to look at."""
