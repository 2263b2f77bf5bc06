/* What a benchmark runs under every supervisor, and the least that a supervisor could be: see `modes` at the end. A record is a
 * line "KIND PID NANOSECONDS NUMBER" on the pipe that BENCH_RECORDS names, with the monotonic clock. Bounded by its
 * arguments; programs/tool.pl does the modes that a child needs where there is no C compiler. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static long long started;

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void pause_ms(long ms) {
  struct timespec t = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&t, NULL);
}

static void record(char kind, long long at, long long number) {
  const char *path = getenv("BENCH_RECORDS");
  int fd = path ? open(path, O_WRONLY) : -1;
  char line[96];
  int length = snprintf(line, sizeof line, "%c %d %lld %lld\n", kind, (int)getpid(), at, number);
  if (fd < 0 || write(fd, line, length) != length) exit(1);
  close(fd);
}

/* Writes all of it, or ends. */
static void put(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = write(fd, bytes, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) exit(1);
    bytes += n;
    length -= n;
  }
}

static pid_t start(char **words, int in, int out) {
  posix_spawn_file_actions_t actions;
  pid_t pid;
  posix_spawn_file_actions_init(&actions);
  if (in >= 0) posix_spawn_file_actions_adddup2(&actions, in, 0);
  if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  if ((errno = posix_spawnp(&pid, words[0], &actions, &attributes, words, environ)) != 0) fail(words[0]);
  return pid;
}

static int stay(char **words) {
  (void)words;
  record('s', started, 0);
  for (;;) pause();
  return 0;
}

static int end(char **words) {
  (void)words;
  record('s', started, 0);
  return 0;
}

static int run(char **words) {
  record('x', now(), 0);
  execvp(words[0], words);
  fail(words[0]);
  return 1;
}

/* write SIZE BYTES DELAY_MS: so many bytes in lines of a size, each with a write of its own. */
static int write_lines(char **words) {
  size_t size = atol(words[0]);
  long long bytes = atoll(words[1]), written = 0;
  char *line = malloc(size);
  memset(line, 'x', size);
  line[size - 1] = '\n';
  pause_ms(atol(words[2]));
  record('s', now(), 0);
  for (; written < bytes; written += size) put(1, line, size);
  record('e', now(), written);
  return 0;
}

/* chat LINES_A_SECOND SECONDS */
static int chat(char **words) {
  static const char line[] = "2026-01-01T00:00:00.000Z INFO GET /a/path?with=query 200 12 ms, as long as lines often are....\n";
  long rate = atol(words[0]);
  long long next = now(), until = next + atoll(words[1]) * 1000000000LL;
  record('s', next, 0);
  while (next < until) {
    put(1, line, sizeof line - 1);
    next += 1000000000LL / rate;
    struct timespec t = {next / 1000000000LL, next % 1000000000LL};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
  }
  record('e', now(), 0);
  return stay(words);
}

/* speak MILLISECONDS DELAY_MS: PROCESS_COMMUNICATION events as fast as they are read; tells how many. */
static int speak(char **words) {
  static const char event[] = "<!--XSUPERVISOR:BEGIN-->one event of a benchmark, with a few words<!--XSUPERVISOR:END-->";
  long long sent = 0;
  pause_ms(atol(words[1]));
  long long until = now() + atoll(words[0]) * 1000000LL;
  record('s', now(), 0);
  for (; now() < until; sent += 1) put(1, event, sizeof event - 1);
  record('e', now(), sent);
  return stay(words);
}

static const char *header_end(const char *text, size_t length) { return memchr(text, '\n', length); }

/* An event listener that answers at once; whenever nothing has come for 100 ms it tells how many came, and when the last. */
static int listen_events(char **words) {
  static char buffer[1 << 16];
  size_t held = 0;
  long long count = 0, told = 0, last = 0;
  (void)words;
  put(1, "READY\n", 6);
  for (;;) {
    struct pollfd in = {0, POLLIN, 0};
    if (poll(&in, 1, 100) == 0) {
      if (count != told) record('c', last, told = count);
      continue;
    }
    ssize_t n = read(0, buffer + held, sizeof buffer - held - 1);
    if (n <= 0) return 0;
    held += n;
    for (;;) {
      const char *newline = header_end(buffer, held);
      if (newline == NULL) break;
      buffer[held] = 0;
      char *length = strstr(buffer, "len:");
      if (length == NULL || length > newline) return 1;
      size_t whole = newline + 1 - buffer + atol(length + 4);
      if (held < whole) break;
      memmove(buffer, buffer + whole, held -= whole);
      last = now();
      if (count++ == 0) record('f', last, 0);
      put(1, "RESULT 2\nOKREADY\n", 17);
    }
  }
}

/* pingpong MILLISECONDS LISTENER...: the least that sends events, one after the other. */
static int pingpong(char **words) {
  static const char event[] =
      "ver:3.0 server:supervisor serial:1 pool:listener poolserial:1 eventname:PROCESS_COMMUNICATION_STDOUT len:88\n"
      "processname:speaker groupname:speaker pid:12345\none event of a benchmark, with few words";
  int down[2], up[2];
  size_t heard = 0, wanted = 6;
  char answer[64];
  if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC)) fail("pipe");
  pid_t pid = start(words + 1, down[0], up[1]);
  long long until = now() + atoll(words[0]) * 1000000LL;
  long long sent = 0;
  for (;;) {
    ssize_t n = read(up[0], answer, sizeof answer);
    if (n <= 0) return 1;
    if ((heard += n) < wanted) continue;
    if (now() > until) break;
    put(down[1], event, sizeof event - 1);
    sent += 1;
    wanted += 17;
  }
  record('e', now(), sent);
  sigset_t ends;
  int signal;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigprocmask(SIG_BLOCK, &ends, NULL);
  sigwait(&ends, &signal);
  kill(pid, SIGKILL);
  return 0;
}

/* keep N PROGRAM...: the least supervisor: so many of it, another for each that ends, TERM to all on TERM. */
static int keep(char **words) {
  int count = atoi(words[0]), left = count, ending = 0;
  pid_t *pids = calloc(count, sizeof *pids);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (int i = 0; i < count; i++) pids[i] = start(words + 1, -1, -1);
  while (left > 0) {
    int signal;
    sigwait(&set, &signal);
    if (signal == SIGTERM) {
      ending = 1;
      for (int i = 0; i < count; i++) kill(pids[i], SIGTERM);
    }
    for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;)
      for (int i = 0; i < count; i++)
        if (pids[i] == pid) {
          if (ending) left -= 1;
          else pids[i] = start(words + 1, -1, -1);
        }
  }
  return 0;
}

static int open_log(const char *path, int extra) { return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | extra, 0644); }

/* move FILE MAXBYTES PROGRAM...: what the program writes goes to a file, which is renamed when it is full. */
static int move(char **words) {
  static char buffer[1 << 16];
  char old[4096];
  long long size = 0, limit = atoll(words[1]);
  int pipes[2], log = open_log(words[0], O_TRUNC);
  if (pipe2(pipes, O_CLOEXEC) || log < 0) fail(words[0]);
  start(words + 2, -1, pipes[1]);
  close(pipes[1]);
  snprintf(old, sizeof old, "%s.1", words[0]);
  for (ssize_t n; (n = read(pipes[0], buffer, sizeof buffer)) > 0;) {
    put(log, buffer, n);
    if (limit > 0 && (size += n) >= limit) {
      rename(words[0], old);
      close(log);
      log = open_log(words[0], O_TRUNC);
      size = 0;
    }
  }
  for (;;) pause();
  return 0;
}

static int unix_socket(const char *path, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
  return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static size_t slurp(const char *path, char **text) {
  FILE *file = fopen(path, "r");
  if (file == NULL) fail(path);
  *text = malloc(1 << 24);
  size_t length = fread(*text, 1, 1 << 24, file);
  fclose(file);
  return length;
}

/* ask SOCKET REQUEST_FILE: sends the file and prints what comes until the server hangs up. */
static int ask(char **words) {
  struct sockaddr_un address;
  char *request, buffer[1 << 16];
  size_t length = slurp(words[1], &request);
  int fd = unix_socket(words[0], &address);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail(words[0]);
  put(fd, request, length);
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) put(1, buffer, n);
  return 0;
}

/* serve SOCKET ANSWER_FILE: answers every read of a request with the same bytes. */
static int serve(char **words) {
  struct sockaddr_un address;
  struct pollfd fds[64] = {{0}};
  int count = 1;
  char *answer, buffer[1 << 14];
  size_t length = slurp(words[1], &answer);
  fds[0] = (struct pollfd){unix_socket(words[0], &address), POLLIN, 0};
  if (bind(fds[0].fd, (struct sockaddr *)&address, sizeof address) || listen(fds[0].fd, 64)) fail(words[0]);
  signal(SIGPIPE, SIG_IGN);
  while (poll(fds, count, -1) > 0) {
    if (fds[0].revents && count < 64) fds[count++] = (struct pollfd){accept(fds[0].fd, NULL, NULL), POLLIN, 0};
    for (int i = 1; i < count; i++) {
      if (!fds[i].revents) continue;
      if (read(fds[i].fd, buffer, sizeof buffer) > 0) {
        put(fds[i].fd, answer, length);
      } else {
        close(fds[i].fd);
        fds[i--] = fds[--count];
      }
    }
  }
  return 1;
}

static const struct {
  const char *name;
  int arguments;
  int (*run)(char **words);
} modes[] = {
    {"stay", 0, stay},      {"end", 0, end},         {"exec", 1, run},   {"write", 3, write_lines},
    {"chat", 2, chat},      {"speak", 2, speak},     {"listen", 0, listen_events},
    {"pingpong", 2, pingpong}, {"keep", 2, keep},    {"move", 3, move},  {"ask", 2, ask},
    {"serve", 2, serve},
};

/* Called `run` it does what BENCH_DO says: a service of s6 and runit gets no words of ours, but s6 gives it the service's name. */
int main(int count, char **words) {
  started = now();
  const char *slash = strrchr(words[0], '/');
  const char *asked = count > 1 ? words[1] : "stay";
  if (strcmp(slash ? slash + 1 : words[0], "run") == 0) {
    asked = getenv("BENCH_DO");
    count = 2;
  }
  for (size_t i = 0; asked && i < sizeof modes / sizeof *modes; i++)
    if (strcmp(asked, modes[i].name) == 0 && count - 2 >= modes[i].arguments) return modes[i].run(words + 2);
  fprintf(stderr, "no such mode\n");
  return 2;
}
