/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_PORT_H
#define MFWD_PORT_H

#include "mfwd.h"

/* All of these that return an int return 0 or an exit code, and have said why. */

/* What the driver says of a port; and whether it takes these queues and the rings asked for. */
int port_look(struct mfwd *m, uint16_t id, unsigned rxq, unsigned txq);

/* Frame sizes of all ports, and with them the size of a cluster and who scatters. */
int port_frames(struct mfwd *m);

/* Does this driver deliver chains though nobody asked for scatter? */
bool port_chains_unasked(const struct port *p);

/* Does it send chains whole though it offers no MULTI_SEGS? */
bool port_gathers_unasked(const struct port *p);

/* Configure and start all ports that are used. The pools are there. */
int ports_start(struct mfwd *m);

/* Free what still waits in Rx queues, then stop and close. Nobody polls any more. */
void ports_stop(struct mfwd *m);

#endif
