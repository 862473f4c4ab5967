/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The libFuzzer target: eight bytes of input are one operation. */

#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char name[] = "fuzz", huge[] = "--no-huge", conf[] = "--no-shconf",
		    tele[] = "--no-telemetry", pci[] = "--no-pci", log[] = "--log-level=error",
		    mem[] = "-m128", lcores[] = "--lcores", zero[] = "0";
	char *args[] = {name, huge, conf, tele, pci, log, mem, lcores, zero};

	(void)argc;
	(void)argv;
	if (rte_eal_init((int)RTE_DIM(args), args) < 0 || world_setup() != 0) {
		fprintf(stderr, "fuzz: no EAL: %s\n", rte_strerror(rte_errno));
		exit(2);
	}
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct op op;

	world_init(&w, true);
	for (; size >= sizeof(op); data += sizeof(op), size -= sizeof(op)) {
		memcpy(&op, data, sizeof(op));
		run_one(&w, &op);
	}
	world_fini(&w);
	world_balance();
	return 0;
}
