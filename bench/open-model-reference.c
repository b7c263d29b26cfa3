/*
 * What an open model finds that has no error of its own: GET requests at a constant rate, each latency counted from
 * the moment at which its request was meant to leave, as wrk2 does (https://github.com/giltene/wrk2). It never sleeps,
 * so that no timer is in its figures, and it knows how long every answer is, so that it need not parse one.
 *
 *   open-model-reference PORT HOST REQUESTS_PER_SECOND CONNECTIONS WARM_UP_MS MS
 *
 * prints requests, p50, p99 and the median of the p99 of slices of 125 ms, all times in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define SLICES_PER_SECOND 8
#define LONGEST_WAIT_NS 10000000000LL

struct connection {
  int socket;
  size_t request, received;
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int open_socket(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

/* The first answer, waited for: all others are as long. */
static size_t answer_length(int fd, const char *request, size_t length) {
  char buffer[65536];
  size_t received = 0;
  if (write(fd, request, length) != (ssize_t)length) fail("write");
  for (;;) {
    ssize_t got = read(fd, buffer + received, sizeof buffer - received - 1);
    if (got <= 0) fail("the first answer");
    received += got;
    buffer[received] = 0;
    char *end = strstr(buffer, "\r\n\r\n"), *size = strcasestr(buffer, "\r\nContent-Length:");
    if (end == NULL) continue;
    if (size == NULL || strncmp(buffer, "HTTP/1.1 200", 12) != 0) {
      fprintf(stderr, "the answer is not 200 with a Content-Length:\n%s\n", buffer);
      exit(1);
    }
    size_t whole = end + 4 - buffer + strtoul(size + 17, NULL, 10);
    if (received >= whole) return whole;
  }
}

static int by_value(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

/* Sorts the values. */
static uint32_t percentile(uint32_t *values, size_t count, double share) {
  qsort(values, count, sizeof *values, by_value);
  size_t rank = (size_t)(share * count);
  return values[rank < count ? rank : count - 1];
}

int main(int count, char **arguments) {
  if (count != 7) {
    fprintf(stderr, "usage: open-model-reference PORT HOST REQUESTS_PER_SECOND CONNECTIONS WARM_UP_MS MS\n");
    return 2;
  }
  int port = atoi(arguments[1]), connections = atoi(arguments[4]);
  double rate = atof(arguments[3]);
  size_t warm = rate * atof(arguments[5]) / 1000, total = warm + rate * atof(arguments[6]) / 1000;
  char request[512], buffer[65536];
  size_t length = snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", arguments[2]);

  int poll = epoll_create1(EPOLL_CLOEXEC);
  struct connection *all = calloc(connections, sizeof *all), **idle = calloc(connections, sizeof *idle);
  uint32_t *latency_us = calloc(total, sizeof *latency_us);
  if (poll < 0 || all == NULL || idle == NULL || latency_us == NULL) fail("start");
  size_t size = 0, free_connections = 0;
  for (int i = 0; i < connections; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
    all[i].socket = open_socket(port);
    if (i == 0) size = answer_length(all[0].socket, request, length);
    fcntl(all[i].socket, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(poll, EPOLL_CTL_ADD, all[i].socket, &event) < 0) fail("epoll_ctl");
    idle[free_connections++] = &all[i];
  }

  int64_t start = now_ns();
  double gap_ns = 1e9 / rate;
  size_t sent = 0, answered = 0;
  while (answered < total) {
    int64_t now = now_ns();
    if (now > start + (int64_t)(total * gap_ns) + LONGEST_WAIT_NS) {
      fprintf(stderr, "%zu of %zu requests were not answered\n", total - answered, total);
      return 1;
    }
    while (sent < total && free_connections > 0 && start + (int64_t)(sent * gap_ns) <= now) {
      struct connection *connection = idle[--free_connections];
      connection->request = sent++;
      connection->received = 0;
      if (write(connection->socket, request, length) != (ssize_t)length) fail("write");
    }
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, 0);
    for (int i = 0; i < ready; i++) {
      struct connection *connection = events[i].data.ptr;
      ssize_t got = read(connection->socket, buffer, sizeof buffer);
      if (got == 0 || (got < 0 && errno != EAGAIN)) fail("read");
      if (got < 0 || (connection->received += got) < size) continue;
      latency_us[connection->request] = (now_ns() - start - (int64_t)(connection->request * gap_ns)) / 1000;
      idle[free_connections++] = connection;
      answered++;
    }
  }

  size_t measured = total - warm, slices = 0, each = rate / SLICES_PER_SECOND;
  if (each == 0) each = 1;
  uint32_t *slice_p99 = calloc(measured / each + 1, sizeof *slice_p99), *values = latency_us + warm;
  if (slice_p99 == NULL) fail("calloc");
  for (size_t first = 0; first + each <= measured; first += each) slice_p99[slices++] = percentile(values + first, each, 0.99);
  uint32_t of_slice = slices == 0 ? 0 : percentile(slice_p99, slices, 0.5);
  uint32_t p50 = percentile(values, measured, 0.5), p99 = percentile(values, measured, 0.99);
  printf("%zu %u %u %u\n", measured, p50, p99, of_slice);
  return 0;
}
