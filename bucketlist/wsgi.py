"""WSGI application, for any server: `bucketlist.wsgi:app`."""

from multiprocessing.util import Finalize

from bucketlist.app import create_app
from bucketlist.config import load_settings
from bucketlist.kit import log_writer
from bucketlist.mail.worker import start_mail_worker
from bucketlist.ops.housekeeping import start_housekeeping
from bucketlist.ops.prometheus import start_sharing
from bucketlist.ops.scheduled import start_backups
from bucketlist.services import services_of

log_writer.stderr.protect()
app = create_app(load_settings())
services = services_of(app)
Finalize(None, services.database.pool.end, exitpriority=0)  # where a worker ends, atexit is not asked
services.database.driver.watch()
start_housekeeping(services)
start_sharing(services)
start_mail_worker(services)
start_backups(services)
