/*
 * Makes a used container as good as a new one, once every process but the first is gone.
 *
 * A sealed container's root is read-only and its processes are one unprivileged user's without
 * capabilities. What they can leave behind is: files in the file systems in memory and what is set
 * on their roots, System V IPC objects and POSIX message queues, keys where the engine allows them,
 * what is set on the log's pipe, and what a process may set on another one of its user, here on the
 * first process: limits, priority, processors. The files and IPC objects are removed; the rest is
 * compared with what it was, and a difference is told.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "clear.h"

enum { MOST_PLACES = 64, NAME_BYTES = 32, LIST_BYTES = 65536, LINE_BYTES = 8192, SCHED_BYTES = 64 };

/* <linux/fs.h> and <linux/keyctl.h>, which not every builder has. */
#define GET_FLAGS ((int)_IOR('f', 1, long))
#define SET_FLAGS ((int)_IOW('f', 2, long))
enum { KEYS_CLEAR = 7, KEYS_OF_SESSION = -3 };

/* A file system in memory: everything in it goes. */
struct place {
	char *path;
	mode_t mode;
	int flags; /* as chattr sets them */
};

/* What processes of the same user can set on the first process, and what counts against it. */
struct self {
	struct rlimit limits[RLIM_NLIMITS];
	cpu_set_t processors;
	char scheduling[SCHED_BYTES]; /* struct sched_attr, of whatever size this kernel has it */
	long nice, io, pipe, oom_score, oom_kills;
	mode_t log_mode;
};

static struct place places[MOST_PLACES];
static int place_count;
static struct self as_new;

/* The number behind a name at a line's start, or the file's first number without one; 0 if none. */
static long number_in(const char *path, const char *name)
{
	char line[LINE_BYTES];
	long number = 0;
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, name, strlen(name)) == 0) {
			number = atol(line + strlen(name));
			break;
		}
	}
	fclose(file);
	return number;
}

static void take_down(struct self *now)
{
	struct stat log;
	memset(now, 0, sizeof *now); /* it is compared byte by byte */
	for (int one = 0; one < RLIM_NLIMITS; one++)
		getrlimit(one, &now->limits[one]);
	sched_getaffinity(0, sizeof now->processors, &now->processors);
	syscall(SYS_sched_getattr, 0, now->scheduling, SCHED_BYTES, 0);
	now->nice = getpriority(PRIO_PROCESS, 0);
	now->io = syscall(SYS_ioprio_get, 1, 0); /* 1: a process */
	now->pipe = fcntl(STDOUT_FILENO, F_GETPIPE_SZ);
	if (fstat(STDOUT_FILENO, &log) == 0)
		now->log_mode = log.st_mode & 07777;
	now->oom_score = number_in("/proc/self/oom_score_adj", "");
	now->oom_kills = number_in("/sys/fs/cgroup/memory.events", "oom_kill ") +
			 number_in("/sys/fs/cgroup/memory/memory.oom_control", "oom_kill ");
}

/* Undoes mountinfo's octal escapes, in place. */
static void unescape(char *text)
{
	char *to = text;
	for (; *text; text++) {
		if (text[0] == '\\' && text[1] && text[2] && text[3]) {
			*to++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0');
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static int is_under(const char *path, const char *top)
{
	return strncmp(path, top, strlen(top)) == 0;
}

/* /dev itself is root's; what the engine hides below /proc and /sys cannot be written. */
static int is_place(const char *path, const char *type)
{
	if (strcmp(type, "tmpfs") != 0 && strcmp(type, "mqueue") != 0)
		return 0;
	return strcmp(path, "/dev") != 0 && !is_under(path, "/proc/") && !is_under(path, "/sys/");
}

/* A directory's flags, 0 where the kernel has none for such a file system. */
static int flags_of(const char *path)
{
	int flags = 0;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		ioctl(fd, GET_FLAGS, &flags);
		close(fd);
	}
	return flags;
}

static void set_flags(const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		ioctl(fd, SET_FLAGS, &flags);
		close(fd);
	}
}

void clear_remember(void)
{
	char line[LINE_BYTES], root[LINE_BYTES], path[LINE_BYTES], type[NAME_BYTES];
	struct stat about;
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	while (mounts && fgets(line, sizeof line, mounts)) {
		char *rest = strstr(line, " - ");
		if (!rest || sscanf(line, "%*s %*s %*s %8191s %8191s", root, path) != 2 ||
		    sscanf(rest, " - %31s", type) != 1 || strcmp(root, "/") != 0)
			continue;
		unescape(path);
		if (place_count < MOST_PLACES && is_place(path, type) && stat(path, &about) == 0)
			places[place_count++] = (struct place){ strdup(path), about.st_mode & 07777,
								flags_of(path) };
	}
	if (mounts)
		fclose(mounts);
	take_down(&as_new);
}

static int is_self(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static DIR *open_within(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? NULL : fdopendir(fd);
}

/* Removes a file or an empty directory. 1: done, 0: a directory that is not empty, -1: refused. */
static int drop(int parent, const char *name)
{
	if (unlinkat(parent, name, 0) == 0)
		return 1;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
		return 1;
	return errno == ENOTEMPTY || errno == EEXIST ? 0 : -1;
}

/* Empties a directory just below the top: its directories become the top's own, under new names. */
static int lift(int top, const char *name, unsigned *count)
{
	char lifted[NAME_BYTES];
	struct dirent *entry;
	int worked = 1;
	fchmodat(top, name, 0700, 0);
	DIR *from = open_within(top, name);
	if (!from)
		return 0;
	while (worked && (entry = readdir(from))) {
		if (is_self(entry->d_name) || drop(dirfd(from), entry->d_name) == 1)
			continue;
		fchmodat(dirfd(from), entry->d_name, 0700, 0); /* to change its parent, it is written */
		do
			snprintf(lifted, sizeof lifted, ".lifted-%u", (*count)++);
		while ((worked = renameat(dirfd(from), entry->d_name, top, lifted) == 0) == 0 &&
		       (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR));
	}
	closedir(from);
	return worked && drop(top, name) == 1;
}

/* True of a directory on the way to another place: the engine made it, and it holds nothing else. */
static int leads_to_place(const char *path, const char *name)
{
	size_t length = strlen(path);
	for (int one = 0; one < place_count; one++) {
		const char *rest = places[one].path + length;
		if (is_under(places[one].path, path) && rest[0] == '/' &&
		    is_under(rest + 1, name) && rest[1 + strlen(name)] == '/')
			return 1;
	}
	return 0;
}

/* Removes everything in a directory, however deep, with two open at a time. */
static int empty(const char *path)
{
	unsigned lifted = 0;
	int left = 1;
	while (left) {
		struct dirent *entry;
		DIR *top = open_within(AT_FDCWD, path);
		if (!top)
			return 0;
		left = 0;
		while ((entry = readdir(top))) {
			if (is_self(entry->d_name))
				continue;
			int dropped = drop(dirfd(top), entry->d_name);
			if (dropped < 0 && errno == EBUSY)
				continue; /* another place is mounted there */
			if (dropped == 0 && leads_to_place(path, entry->d_name))
				continue;
			left = 1;
			if (dropped < 0 ||
			    (dropped == 0 && !lift(dirfd(top), entry->d_name, &lifted))) {
				closedir(top);
				return 0;
			}
		}
		closedir(top);
	}
	return 1;
}

/* The root of a place as it was: its mode and flags, no extended attributes, and no times that
 * somebody chose. */
static int reset_root(const struct place *of)
{
	char names[LIST_BYTES];
	struct stat about;
	ssize_t length = listxattr(of->path, names, sizeof names);
	for (char *name = names; length > 0 && name < names + length; name += strlen(name) + 1)
		removexattr(of->path, name);
	utimensat(AT_FDCWD, of->path, NULL, 0);
	if (flags_of(of->path) != of->flags)
		set_flags(of->path, of->flags);
	if (flags_of(of->path) != of->flags || stat(of->path, &about) != 0)
		return 0;
	return (about.st_mode & 07777) == of->mode || chmod(of->path, of->mode) == 0;
}

static int empty_place(const struct place *of)
{
	/* Whoever owns the root may have closed it to himself. */
	chmod(of->path, of->mode);
	return empty(of->path) && reset_root(of);
}

static void remove_shm(int id)
{
	shmctl(id, IPC_RMID, NULL);
}

static void remove_sem(int id)
{
	semctl(id, 0, IPC_RMID);
}

static void remove_msg(int id)
{
	msgctl(id, IPC_RMID, NULL);
}

/* Removes the System V objects of a kind; 0 if some are left. */
static int remove_ipc(const char *table, void (*remove)(int))
{
	for (int attempt = 0; attempt < 2; attempt++) {
		char line[LINE_BYTES];
		int id, found = 0;
		FILE *file = fopen(table, "re");
		if (!file)
			return 1; /* this kernel has none */
		while (fgets(line, sizeof line, file)) {
			if (sscanf(line, "%*d %d", &id) == 1) {
				found = 1;
				remove(id);
			}
		}
		fclose(file);
		if (!found)
			return 1;
	}
	return 0;
}

const char *clear_all(void)
{
	struct self now;
	for (int one = 0; one < place_count; one++)
		if (!empty_place(&places[one]))
			return places[one].path;
	if (!remove_ipc("/proc/sysvipc/shm", remove_shm) ||
	    !remove_ipc("/proc/sysvipc/sem", remove_sem) ||
	    !remove_ipc("/proc/sysvipc/msg", remove_msg))
		return "System V IPC objects";
	fcntl(STDOUT_FILENO, F_SETPIPE_SZ, (int)as_new.pipe);
	fchmod(STDOUT_FILENO, as_new.log_mode);
	/* The engine has made it for this container, and mostly lets nobody near it. */
	syscall(SYS_keyctl, KEYS_CLEAR, KEYS_OF_SESSION);
	take_down(&now);
	if (now.oom_kills != as_new.oom_kills)
		return "the account of out-of-memory kills";
	if (memcmp(&now, &as_new, sizeof now) != 0)
		return "the first process's limits";
	return NULL;
}
