/* What survives a power cut: after each fsync and fdatasync that succeeds, the file is copied from the folder LIVE to the
 * folder SYNCED, both named by the environment. What was written since is in no copy.
 *
 * A copy is made beside its place and renamed, so that a process that is killed while it copies leaves the one before.
 * It is read by the descriptor that was synced: to open and close the file once more would drop the locks that SQLite
 * holds on it. One thread syncs and copies at a time, or an older copy could take the place of a newer one. Whatever
 * goes wrong ends the process, for a test must not pass because nothing was copied. A file that is removed is gone at
 * once from both folders.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_SIZE (PATH_MAX + 64)

static void give_up(const char *what) {
    perror(what);
    abort();
}

static void copy(int from, int to) {
    char buffer[1 << 16];
    ssize_t length;
    for (off_t place = 0; (length = pread(from, buffer, sizeof buffer, place)) > 0; place += length)
        if (write(to, buffer, length) != length)
            give_up("keep_synced: write");
    if (length < 0)
        give_up("keep_synced: read");
}

/* Where the copy of a file in LIVE itself is; false for every other file. */
static int find_copy(const char *path, char *copied) {
    const char *live = getenv("LIVE"), *kept = getenv("SYNCED");
    size_t prefix = live ? strlen(live) : 0;
    if (!live || !kept || strncmp(path, live, prefix) || path[prefix] != '/' || strchr(path + prefix + 1, '/'))
        return 0;
    return snprintf(copied, PATH_SIZE, "%s%s", kept, path + prefix) < PATH_SIZE;
}

static void keep(int synced) {
    static int number;
    char link[64], path[PATH_SIZE], copied[PATH_SIZE], partial[PATH_SIZE + 64];
    struct stat status;

    if (fstat(synced, &status) || !S_ISREG(status.st_mode))
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", synced);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        give_up("keep_synced: readlink");
    path[length] = 0;
    if (!find_copy(path, copied))
        return;
    snprintf(partial, sizeof partial, "%s.%d.%d.part", copied, getpid(), number++);
    int to = open(partial, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (to < 0)
        give_up("keep_synced: open");
    copy(synced, to);
    if (close(to) || rename(partial, copied))
        give_up("keep_synced: rename");
}

typedef int sync_function(int);

static int sync_and_keep(const char *name, int descriptor) {
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    sync_function *sync = (sync_function *)dlsym(RTLD_NEXT, name);
    pthread_mutex_lock(&one_at_a_time);
    int result = sync(descriptor);
    if (result == 0)
        keep(descriptor);
    pthread_mutex_unlock(&one_at_a_time);
    return result;
}

int fsync(int descriptor) {
    return sync_and_keep("fsync", descriptor);
}

int fdatasync(int descriptor) {
    return sync_and_keep("fdatasync", descriptor);
}

int unlink(const char *path) {
    char copied[PATH_SIZE];
    int result = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (result == 0 && find_copy(path, copied))
        syscall(SYS_unlinkat, AT_FDCWD, copied, 0);
    return result;
}
