/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <math.h>
#include <stdlib.h>

#include "mbench.h"

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double
mb_median(double *v, unsigned n)
{
	if (n == 0)
		return NAN;
	qsort(v, n, sizeof(*v), compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* Median absolute deviation in percent of the median. v is overwritten. */
double
mb_mad_percent(double *v, unsigned n)
{
	double middle = mb_median(v, n);

	for (unsigned i = 0; i < n; i++)
		v[i] = fabs(v[i] - middle);
	return 100 * mb_median(v, n) / middle;
}
