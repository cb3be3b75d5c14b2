/* One run at a time. What is not a number comes out of everything that reads it. */
#include <math.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline double least(double a, double b) { return a < b || a != a ? a : b; }
static inline double most(double a, double b) { return a > b || a != a ? a : b; }
static inline double lower(double fixed, double x) { return fixed < x ? fixed : x; }
static inline double upper(double fixed, double x) { return fixed > x ? fixed : x; }
static inline double neg(double a) { return -a; }
static inline int not(int a) { return !a; }
static inline double sign(double a) { return a > 0 ? 1.0 : a < 0 ? -1.0 : a; }
static inline double remainder_of(double a, double b) {
    const double r = fmod(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

/* Tables: the place in rows of even width, the row, and intercept + slope * place in that row. */
static inline double scaled(double x, double per, double offset) { return x * per - offset; }
static inline double clip(double u, double top) { return lower(top, upper(0.0, u)); }
static inline int row(double u) { return (int)(u > 0.0 ? u : 0.0); }
#define entry(t, row, u) ((t)[2 * (row)] + (t)[2 * (row) + 1] * (u))

/* The same in a row that is likely that of the step before: what reads the table need not wait for
   the row to be found. One row more stands before the first point. */
static inline int truncated(double u) {
#ifdef __SSE2__
    return _mm_cvttsd_si32(_mm_set_sd(u));
#else
    return u > -1e9 && u < 1e9 ? (int)u : -1;
#endif
}
#define find(u, at, last, holds) \
    if (truncated(u) != at) { \
        if (holds) u = clip(u, last); \
        at = row(clip(u, last)); \
    }
#define find_at(x, at, points, n, holds) \
    if (!(x >= (at ? points[at - 1] : -1e300) && x < (at < n ? points[at] : 1e300))) { \
        if (holds) x = within(x, points[0], points[n - 1]); \
        at = count(x, points, n); \
    }

/* Uneven tables: the row is the number of points not above x; value + slope * (x - point). */
static inline double within(double x, double low, double high) {
    return lower(high, upper(low, x));
}
static inline int count(double x, const double *points, int n) {
    int found = 0;
    for (int i = 0; i < n; i++) found += x >= points[i];
    return found;
}
#define entry_at(t, row, x) \
    ((t)[3 * (row)] + (t)[3 * (row) + 1] * ((x) - (t)[3 * (row) + 2]))

/* Makes tables ready: `step` numbers from one row to the next, `part` from an intercept to its
   slope. The grid of even points has the rows per unit of x, and the row of x = 0 below zero. */
static void lay_even(const double *x, const double *y, int n, int runs_on, double *t, long step,
                     long part, double *grid, long grid_step) {
    const double per = (n - 1) / (x[n - 1] - x[0]);
    grid[0] = per;
    grid[grid_step] = x[0] * per;
    for (int i = 0; i < n; i++) {
        const int j = i < n - 1 ? i : n - 2;
        const double slope = i < n - 1 || runs_on ? y[j + 1] - y[j] : 0.0;
        t[i * step] = y[i] - slope * i;
        t[i * step + part] = slope;
    }
}
static void lay_lines(const double *x, const double *y, int n, int runs_on, double *t,
                      double *grid) {
    const double per = (n - 1) / (x[n - 1] - x[0]);
    grid[0] = per;
    grid[1] = x[0] * per - 1.0;
    for (int i = 0; i <= n; i++) {
        const int j = i < 1 ? 0 : i < n ? i - 1 : n - 2, end = i == 0 || i == n;
        const double slope = end && !runs_on ? 0.0 : y[j + 1] - y[j];
        t[2 * i] = (i < n || runs_on ? y[j] : y[n - 1]) - slope * (j + 1);
        t[2 * i + 1] = slope;
    }
}
static void lay_uneven(const double *x, const double *y, int n, int runs_on, double *t, long step,
                       long part, double *grid, long grid_step) {
    for (int i = 0; i <= n; i++) {
        const int at = i > 0 ? i - 1 : 0, from = at < n - 1 ? at : n - 2;
        const double width = x[from + 1] - x[from], rise = y[from + 1] - y[from];
        const int flat = width == 0 || (!runs_on && (i == 0 || i == n));
        t[i * step] = y[at];
        t[i * step + part] = flat ? 0.0 : rise / width;
        t[i * step + 2 * part] = x[at];
        if (i < n) grid[i * grid_step] = x[i];
    }
}

/* An exogenous series: linear, the previous, the next or the nearest point; a line beyond. */
static double series(const double *t, const double *v, double slope, int n, double time,
                     double near, int mode) {
    const int last = n - 1;
    const double late = time - t[last], beyond = slope * (late > 0 ? late : 0.0);
    const double now = mode == 0 ? time : mode == 2 ? time - near : time + near;
    int low = 0, high = n;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (mode == 2 ? t[middle] < now : t[middle] <= now) low = middle + 1;
        else high = middle;
    }
    if (mode == 2) return v[low < last ? low : last] + beyond;
    const int i = low > 0 ? low - 1 : 0, j = i < last ? i + 1 : last;
    if (mode == 1) return v[i] + beyond;
    if (mode == 3) return (now - t[i] < t[j] - now ? v[i] : v[j]) + beyond;
    const double width = t[j] - t[i], part = (time - t[i]) / (width > 0 ? width : 1.0);
    const double share = part < 0 ? 0.0 : part > 1 ? 1.0 : part;
    return (1.0 - share) * v[i] + share * v[j] + beyond;
}
