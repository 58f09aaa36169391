"""django-ninja on Django's ORM, served by granian: sync views, schemas, a pool of connections."""
