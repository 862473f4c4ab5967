/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_EAL_H
#define MFWD_EAL_H

/*
 * Start EAL with the words in front of "--". What is wrong is looked for before EAL sees it, where
 * EAL would panic, and EAL's own output is taken, so that a failure is one line.
 * Returns 0 or an exit code, and has said why.
 */
int eal_start(int argc, char **argv);

#endif
