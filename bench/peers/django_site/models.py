"""Database schema of bucketlist, as Django's ORM maps what is there already."""

from django.db import models

from bench.peers import common


class User(models.Model):
    id = models.UUIDField(primary_key=True)
    email = models.TextField()
    name = models.TextField(null=True)
    password_hash = models.TextField()
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        db_table = "users"
        managed = False


class Email(models.Model):
    email_folded = models.TextField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="emails")

    class Meta:
        db_table = "email_addresses"
        managed = False


class LoginSession(models.Model):
    pk = models.CompositePrimaryKey("user_id", "id")
    user = models.ForeignKey(User, models.CASCADE)
    id = models.UUIDField(default=common.new_id)
    created_at = models.DateTimeField(default=common.now)
    last_used_at = models.DateTimeField(default=common.now)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "sessions"
        managed = False


class RefreshToken(models.Model):
    token_hash = models.TextField(primary_key=True)
    user_id = models.UUIDField()
    session_id = models.UUIDField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "refresh_tokens"
        managed = False


class BlacklistedToken(models.Model):
    pk = models.CompositePrimaryKey("user_id", "id")
    user_id = models.UUIDField()
    id = models.UUIDField()

    class Meta:
        db_table = "blacklisted_tokens"
        managed = False


class Bucket(models.Model):
    pk = models.CompositePrimaryKey("user_id", "id")
    user_id = models.UUIDField()
    id = models.UUIDField()
    name = models.TextField()
    description = models.TextField(null=True)
    position = models.BigIntegerField()
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        db_table = "buckets"
        managed = False
        ordering = ("position", "id")


class Item(models.Model):
    pk = models.CompositePrimaryKey("user_id", "id")
    user_id = models.UUIDField()
    id = models.UUIDField(default=common.new_id)
    bucket_id = models.UUIDField()
    bucket = models.ForeignObject(
        Bucket,
        on_delete=models.CASCADE,
        from_fields=("user_id", "bucket_id"),
        to_fields=("user_id", "id"),
        related_name="items",
    )
    name = models.TextField()
    name_folded = models.TextField()
    description = models.TextField(null=True)
    description_folded = models.TextField(null=True)
    state = models.TextField(default="open")
    position = models.BigIntegerField()
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField(default=common.now)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "items"
        managed = False
        ordering = ("position", "id")
