/* One scenario at a time. */
#include <math.h>

static inline double least(double a, double b) { return a < b ? a : b; }
static inline double most(double a, double b) { return a > b ? a : b; }
static inline double neg(double a) { return -a; }
static inline int not(int a) { return !a; }

/* Tables: the position u in rows, the row, and intercept + slope * u in that row. */
static inline double scaled(double x, double per, double offset) { return x * per - offset; }
static inline double clip(double u, double top) { return least(most(u, 0.0), top); }
static inline int row(double u) { return (int)u; }
static inline int reached(double x, double point) { return x >= point; }
static inline double entry(const double (*table)[2], int row, double u) {
    return table[row][0] + table[row][1] * u;
}
