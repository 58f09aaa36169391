"""Mail errors: refusals about it."""

from bucketlist.kit.errors import Conflict


class MailOff(Conflict):
    code, title = "mail_off", "This service sends no mail"
    default_detail = "This service sends no mail. Whoever runs it can give an account a new password."
