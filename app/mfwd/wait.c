/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>

#include "fail.h"
#include "stats.h"
#include "wait.h"

#define SECOND INT64_C(1000000000)

int
wait_open(struct mfwd *m)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* A reader that went away is seen as an error of the write. */
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	m->sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	m->budget.wakefd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->sigfd < 0 || m->budget.wakefd < 0)
		return fail(
		    EXIT_RUN, "signalfd: %s; raise the limit of open files", strerror(errno));
	return 0;
}

int64_t
wait_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

void
wait_end(struct mfwd *m)
{
	struct pollfd p[] = {
	    {.fd = m->sigfd, .events = POLLIN},
	    {.fd = m->budget.wakefd, .events = POLLIN},
	};
	int64_t start = wait_now(), period = m->opt.stats_period * SECOND;
	int64_t end = m->opt.duration > 0 ? start + (int64_t)(m->opt.duration * SECOND) : INT64_MAX;
	int64_t show = period > 0 ? start + period : INT64_MAX;

	for (;;) {
		int64_t next = RTE_MIN(end, show), t = wait_now();
		int64_t left = RTE_MAX(next - t, INT64_C(0));
		struct timespec ts = {left / SECOND, left % SECOND};
		int n = ppoll(p, RTE_DIM(p), next != INT64_MAX ? &ts : NULL, NULL);

		if (n > 0 || (n < 0 && errno != EINTR))
			break;
		t = wait_now();
		if (t >= show) {
			stats_show_ports(m);
			show += period;
		}
		if (t >= end)
			break;
	}
}
