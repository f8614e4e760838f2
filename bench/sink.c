/* A mail server for measurements: it takes every message over SMTP (RFC 5321), keeps none, and counts.
 *
 *     sink LATENCY_MS
 *
 * It listens on a free port of 127.0.0.1 and prints that port on the first line. Every answer leaves LATENCY_MS after
 * what it answers has come, without keeping other connections waiting, as from a server that far away. It offers
 * PIPELINING (RFC 2920): commands that come together are answered together. On SIGTERM it prints its counts as JSON and
 * ends; it ends too when the process that started it dies.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_ANSWER = 64 * 1024, FIRST_ROOM = 64 * 1024, MOST_ROOM = 64 * 1024 * 1024, EVENTS = 256 };

struct connection {
    int socket;          /* -1 once it is closed */
    char *in;            /* what has come and is not dealt with yet */
    size_t length, room;
    bool in_message;     /* between DATA and the final dot */
    size_t searched;     /* so much of the message holds no final dot */
    unsigned waiting;    /* delayed answers that still point here */
};

struct answer {          /* one that is not due yet; as all wait equally long, the first in is the first out */
    struct answer *next;
    struct connection *to;
    long long due_us;
    bool then_close;
    size_t length;
    char text[];
};

static struct { unsigned long messages, connections, bytes, message_bytes; } counted;
static long long latency_us;
static struct answer *first_waiting, **last_waiting = &first_waiting;
static char answer[LONGEST_ANSWER];
static size_t answer_length;
static volatile sig_atomic_t stopping;

static void stop(int number) { (void)number; stopping = 1; }

static void fail(const char *what) { perror(what); exit(1); }

static void *owned(void *memory) { if (!memory) fail("memory"); return memory; }

static long long now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void say(const char *line) {
    size_t length = strlen(line);
    if (answer_length + length > sizeof answer) return; /* thousands of commands at once: no mail program */
    memcpy(answer + answer_length, line, length);
    answer_length += length;
}

static void forget_if_done(struct connection *it) {
    if (it->socket >= 0 || it->waiting) return;
    free(it->in);
    free(it);
}

static void hang_up(struct connection *it) {
    if (it->socket >= 0) close(it->socket); /* and with it leaves epoll */
    it->socket = -1;
}

static void transmit(struct connection *to, const char *text, size_t length, bool then_close) {
    if (to->socket < 0) return;
    if (length && send(to->socket, text, length, MSG_NOSIGNAL) != (ssize_t)length) then_close = true;
    if (then_close) hang_up(to);
}

/* Sends what was said since the last time, now or when it is due. */
static void give_answer(struct connection *to, bool then_close) {
    size_t length = answer_length;
    answer_length = 0;
    if (!length && !then_close) return;
    if (!latency_us) { transmit(to, answer, length, then_close); return; }
    struct answer *later = owned(malloc(sizeof *later + length));
    *later = (struct answer){ .to = to, .due_us = now_us() + latency_us, .then_close = then_close, .length = length };
    memcpy(later->text, answer, length);
    to->waiting++;
    *last_waiting = later;
    last_waiting = &later->next;
}

static void give_due_answers(void) {
    while (first_waiting && first_waiting->due_us <= now_us()) {
        struct answer *due = first_waiting;
        first_waiting = due->next;
        if (!first_waiting) last_waiting = &first_waiting;
        due->to->waiting--;
        transmit(due->to, due->text, due->length, due->then_close);
        forget_if_done(due->to);
        free(due);
    }
}

/* Milliseconds until the next answer is due, rounded up; -1 where none is waiting. */
static int patience_ms(void) {
    if (!first_waiting) return -1;
    long long left = first_waiting->due_us - now_us();
    return left > 0 ? (int)((left + 999) / 1000) : 0;
}

/* How many bytes of `text` the rest of the message takes, with its final dot; 0 where the dot has not come yet. */
static size_t end_of_message(struct connection *it, const char *text, size_t length) {
    if (!it->searched && length >= 3 && !memcmp(text, ".\r\n", 3)) return 3; /* an empty message */
    size_t from = it->searched > 4 ? it->searched - 4 : 0;
    const char *dot = memmem(text + from, length - from, "\r\n.\r\n", 5);
    it->searched = dot ? 0 : length;
    return dot ? (size_t)(dot - text) + 5 : 0;
}

static bool begins(const char *line, const char *command) { return !strncasecmp(line, command, 4); }

/* Answers one command line; true where it was QUIT. */
static bool obey(struct connection *it, const char *line) {
    if (begins(line, "MAIL")) say("250 2.1.0 OK\r\n");
    else if (begins(line, "RCPT")) say("250 2.1.5 OK\r\n");
    else if (begins(line, "DATA")) { say("354 go ahead\r\n"); it->in_message = true; it->searched = 0; }
    else if (begins(line, "EHLO"))
        say("250-sink.example\r\n250-PIPELINING\r\n250-SIZE 26214400\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
            "250-DSN\r\n250 SMTPUTF8\r\n");
    else if (begins(line, "HELO") || begins(line, "RSET") || begins(line, "NOOP")) say("250 2.0.0 OK\r\n");
    else if (begins(line, "QUIT")) { say("221 2.0.0 bye\r\n"); return true; }
    else say("500 5.5.2 unknown\r\n");
    return false;
}

/* Deals with all that has come: whole command lines, and whole messages. */
static void answer_all(struct connection *it) {
    size_t at = 0;
    bool quit = false;
    while (at < it->length && !quit) {
        char *text = it->in + at;
        size_t left = it->length - at;
        if (it->in_message) {
            size_t taken = end_of_message(it, text, left);
            if (!taken) break;
            at += taken;
            it->in_message = false;
            counted.messages++;
            counted.message_bytes += taken - 3;
            say("250 2.0.0 OK taken\r\n");
        } else {
            char *end = memchr(text, '\n', left);
            if (!end) break;
            at += (size_t)(end - text) + 1;
            quit = obey(it, text);
        }
    }
    memmove(it->in, it->in + at, it->length - at);
    it->length -= at;
    give_answer(it, quit);
}

static void make_room(struct connection *it) {
    if (it->length < it->room) return;
    it->room = it->room ? it->room * 2 : FIRST_ROOM;
    it->in = owned(realloc(it->in, it->room));
}

static void receive(struct connection *it) {
    make_room(it);
    ssize_t got = recv(it->socket, it->in + it->length, it->room - it->length, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 || it->room > MOST_ROOM) {
        hang_up(it);
    } else {
        it->length += (size_t)got;
        counted.bytes += (unsigned long)got;
        answer_all(it);
    }
    forget_if_done(it);
}

static void welcome(int door, int watch) {
    int socket, yes = 1;
    while ((socket = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *it = owned(calloc(1, sizeof *it));
        it->socket = socket;
        counted.connections++;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        struct epoll_event wanted = { .events = EPOLLIN, .data.ptr = it };
        if (epoll_ctl(watch, EPOLL_CTL_ADD, socket, &wanted)) fail("epoll_ctl");
        say("220 sink.example ESMTP\r\n");
        give_answer(it, false);
    }
}

static int open_door(void) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (door < 0 || bind(door, (void *)&address, size) || listen(door, 1024)) fail("listen");
    if (getsockname(door, (void *)&address, &size)) fail("getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return door;
}

static void print_counts(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
        + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    printf("{\"messages\": %lu, \"connections\": %lu, \"bytes\": %lu, \"message_bytes\": %lu, \"cpu_s\": %.6f}\n",
           counted.messages, counted.connections, counted.bytes, counted.message_bytes, cpu_s);
}

int main(int count, char **arguments) {
    if (count != 2) { fprintf(stderr, "sink LATENCY_MS\n"); return 2; }
    latency_us = (long long)(atof(arguments[1]) * 1000);
    /* SIGTERM comes through only while we wait, so that none is lost between a look at `stopping` and the wait. */
    sigset_t blocked, open;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &open);
    sigdelset(&open, SIGTERM);
    struct sigaction action = { .sa_handler = stop };
    sigaction(SIGTERM, &action, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);

    int watch = epoll_create1(EPOLL_CLOEXEC), door = open_door();
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL }, events[EVENTS];
    if (watch < 0 || epoll_ctl(watch, EPOLL_CTL_ADD, door, &event)) fail("epoll");
    while (!stopping) {
        int ready = epoll_pwait(watch, events, EVENTS, patience_ms(), &open);
        if (ready < 0 && errno != EINTR) fail("epoll_pwait");
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) receive(events[i].data.ptr);
            else welcome(door, watch);
        }
        give_due_answers();
    }
    print_counts();
    return 0;
}
