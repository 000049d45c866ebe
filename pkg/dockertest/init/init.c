/*
 * The first process (PID 1) of every Berth container.
 *
 * Held, the normal way: it reads commands from standard input, which the
 * container's holders keep open, and ends the container at end-of-file. The
 * kernel then kills whatever still runs in the PID namespace, so a holder that
 * was killed leaves nothing behind. It outlives the server: a server that died
 * can still be asked for its status and its last log lines.
 *
 *     start LENGTH\n   followed by LENGTH bytes: NUL-terminated NAME=VALUE
 *                      strings, added to the server's environment. Ends a
 *                      running server first.
 *     kill\n           ends every process of the container but this one
 *     restart\n        kill, then the last start again; data is kept
 *     clear\n          kill, and then everything is as it was before the first start;
 *                      ends the container if that cannot be
 *     signal NUMBER\n  sends a signal to every process of the container
 *     sign WORD\n     puts the word into what it tells from now on: servers write
 *                      to the same log, and none can say what has its own word
 *
 * What happens is told on standard output, the container's log, in lines that
 * begin with the byte 0x1E, "berth " and the word of the last sign: "signed",
 * "started", "exited code N", "exited signal N", "cleared", "spoiled WHAT" when
 * clear could not be obeyed, "refused WHY", and "obeyed N" when the Nth command
 * is done.
 * The log is the only way back: an attached output stream that nobody drains
 * would block the server.
 *
 * With --run as its first argument (docker compose): no commands, the server
 * starts at once and its end is the container's end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clear.h"

enum { LINE_MAX_BYTES = 128, MARK_MAX_BYTES = 64, ENV_MAX_BYTES = 1 << 20, ENV_MAX_NAMES = 4096 };
enum { END_MAX_SECONDS = 5 };

extern char **environ;

static char **server_argv;
static char **server_environ;
static char *payload; /* the last start's NAME=VALUE strings */
static size_t payload_length;
static pid_t server;
static char mark[MARK_MAX_BYTES] = "\x1e" "berth ";

static void tell(const char *what, int number)
{
	char line[MARK_MAX_BYTES + LINE_MAX_BYTES];
	int length = number < 0 ? snprintf(line, sizeof line, "%s%s\n", mark, what)
				: snprintf(line, sizeof line, "%s%s %d\n", mark, what, number);
	if (write(STDOUT_FILENO, line, (size_t)length) < 0) {
		/* Nobody can be told that nobody can be told. */
	}
}

static _Noreturn void leave(const char *why)
{
	tell(why, errno);
	_exit(70); /* EX_SOFTWARE */
}

/* Reaps what has ended; tells the server's end. */
static int reap(void)
{
	int status, server_status = -1;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != server)
			continue;
		server = 0;
		server_status = status;
		if (WIFSIGNALED(status))
			tell("exited signal", WTERMSIG(status));
		else
			tell("exited code", WEXITSTATUS(status));
	}
	return server_status;
}

/* Ends every other process. One kill is not enough: what forks meanwhile escapes it, so this goes on
 * until the kernel finds nobody to kill. It is asked, and not /proc: a server can take this process's
 * right to open files away. What cannot be ended, such as another user's process, ends with the
 * container. */
static void end_all(void)
{
	struct timespec pause = { 0, 250000 }; /* 0.25 ms */
	struct timespec began, now;
	clock_gettime(CLOCK_MONOTONIC, &began);
	while (kill(-1, SIGKILL) == 0 || errno != ESRCH) {
		reap();
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - began.tv_sec > END_MAX_SECONDS) {
			tell("spoiled: a process could not be ended", -1);
			_exit(70); /* EX_SOFTWARE */
		}
		if (kill(-1, 0) == 0 || errno != ESRCH)
			nanosleep(&pause, NULL);
	}
	reap();
}

/* The log for one server: what it sets on its descriptors, such as O_NONBLOCK, must not stay on the
 * first process's and so on the next server's. */
static void open_log(void)
{
	int log = open("/proc/self/fd/1", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (log >= 0)
		dup2(log, STDOUT_FILENO);
	dup2(STDOUT_FILENO, STDERR_FILENO);
}

static void spawn(void)
{
	sigset_t none;
	int null;
	pid_t pid = fork();
	if (pid < 0)
		leave("cannot fork: errno");
	if (pid > 0) {
		server = pid;
		tell("started", -1);
		return;
	}
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* The leash is not the server's: its standard input is /dev/null. */
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		_exit(126);
	open_log();
	environ = server_environ;
	execvp(server_argv[0], server_argv);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", server_argv[0], strerror(errno));
	_exit(127);
}

/* The server's environment: this process's own, then the payload's names; 0 if
 * there are too many. */
static int keep_environment(char **own)
{
	static char *names[ENV_MAX_NAMES + 1];
	size_t count = 0;
	char *at = payload;
	while (*own && count < ENV_MAX_NAMES)
		names[count++] = *own++;
	for (; at < payload + payload_length && count < ENV_MAX_NAMES; at += strlen(at) + 1)
		names[count++] = at;
	names[count] = NULL;
	server_environ = names;
	return !*own && at >= payload + payload_length;
}

/* Reads exactly length bytes of a command's payload; 0 at end-of-file. */
static int read_whole(char *to, size_t length)
{
	while (length > 0) {
		ssize_t got = read(STDIN_FILENO, to, length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return 0;
		to += got;
		length -= (size_t)got;
	}
	return 1;
}

static int start(long length, char **own)
{
	if (length < 0 || length > ENV_MAX_BYTES) {
		tell("refused start: its length is out of range", -1);
		return 1;
	}
	char *fresh = malloc((size_t)length + 1);
	if (!fresh)
		leave("no memory: errno");
	if (!read_whole(fresh, (size_t)length))
		return 0;
	fresh[length] = '\0';
	end_all();
	free(payload);
	payload = fresh;
	payload_length = (size_t)length;
	if (keep_environment(own))
		spawn();
	else
		tell("refused start: its environment has too many names", -1);
	return 1;
}

/* Ends the container where it cannot be made as it was. */
static void clear(void)
{
	char why[LINE_MAX_BYTES];
	const char *spoiled;
	end_all();
	tell("cleared", -1);
	free(payload);
	payload = NULL;
	payload_length = 0;
	server_environ = NULL;
	if ((spoiled = clear_all())) {
		snprintf(why, sizeof why, "spoiled: %s", spoiled);
		tell(why, -1);
		_exit(70); /* EX_SOFTWARE */
	}
}

/* Reads one line; 0 at end-of-file. Byte by byte: what follows a line may be a
 * payload, which must stay in the pipe. */
static int read_line(char *line)
{
	size_t length = 0;
	char byte;
	for (;;) {
		if (!read_whole(&byte, 1))
			return 0;
		if (byte == '\n')
			break;
		if (length < LINE_MAX_BYTES - 1)
			line[length++] = byte;
	}
	line[length] = '\0';
	return 1;
}

/* Obeys one command; 0 at end-of-file. */
static int obey(char **own)
{
	char line[LINE_MAX_BYTES];
	if (!read_line(line))
		return 0;
	if (strncmp(line, "start ", 6) == 0)
		return start(atol(line + 6), own);
	if (strcmp(line, "kill") == 0) {
		end_all();
	} else if (strcmp(line, "restart") == 0 && server_environ) {
		end_all();
		spawn();
	} else if (strcmp(line, "clear") == 0) {
		clear();
	} else if (strncmp(line, "signal ", 7) == 0) {
		kill(-1, atoi(line + 7));
	} else if (strncmp(line, "sign ", 5) == 0) {
		snprintf(mark, sizeof mark, "\x1e" "berth %.32s ", line + 5);
		tell("signed", -1);
	} else {
		tell("refused: no such command", -1);
	}
	return 1;
}

static int run(int signals)
{
	struct signalfd_siginfo info;
	server_environ = environ;
	spawn();
	for (;;) {
		if (read(signals, &info, sizeof info) != sizeof info)
			continue;
		if (info.ssi_signo != SIGCHLD) {
			kill(server, (int)info.ssi_signo);
			continue;
		}
		int status = reap();
		if (status >= 0)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}

static int hold(int signals)
{
	struct pollfd watched[2] = { { STDIN_FILENO, POLLIN, 0 }, { signals, POLLIN, 0 } };
	struct signalfd_siginfo info;
	int obeyed = 0;
	for (;;) {
		if (poll(watched, 2, -1) < 0)
			continue;
		if (watched[1].revents & POLLIN) {
			if (read(signals, &info, sizeof info) == sizeof info && info.ssi_signo != SIGCHLD)
				return 0; /* docker stop */
			reap();
		}
		if (watched[0].revents & (POLLIN | POLLHUP | POLLERR)) {
			if (!obey(environ))
				return 0; /* the last holder is gone */
			tell("obeyed", ++obeyed);
		}
	}
}

int main(int argc, char **argv)
{
	sigset_t watched;
	int running = argc > 1 && strcmp(argv[1], "--run") == 0;
	server_argv = argv + 1 + running;
	if (!server_argv[0]) {
		fprintf(stderr, "usage: init [--run] SERVER [ARGUMENT...]\n");
		return 64; /* EX_USAGE */
	}
	/* The server runs as the same user: keep it from tracing its first process. */
	prctl(PR_SET_DUMPABLE, 0);
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGTERM);
	sigaddset(&watched, SIGINT);
	sigprocmask(SIG_BLOCK, &watched, NULL);
	clear_remember();
	int signals = signalfd(-1, &watched, SFD_CLOEXEC);
	if (signals < 0)
		leave("no signalfd: errno");
	_exit(running ? run(signals) : hold(signals));
}
