/* Eight runs side by side: 512-bit registers where the processor has them, else GNU C vectors,
   which any processor runs. */
#ifdef __AVX512DQ__
#include <immintrin.h>
#endif

#define LANES 8
typedef double V __attribute__((vector_size(64), aligned(64)));
typedef long long R __attribute__((vector_size(64), aligned(64)));

static inline V all(double x) { return (V){x, x, x, x, x, x, x, x}; }

#ifdef __AVX512DQ__
typedef __mmask8 M;
#define COMPARE(name, predicate) \
    static inline M name(V a, V b) { return _mm512_cmp_pd_mask(a, b, predicate); }
COMPARE(veq, _CMP_EQ_OQ)
COMPARE(vne, _CMP_NEQ_UQ)
COMPARE(vlt, _CMP_LT_OQ)
COMPARE(vle, _CMP_LE_OQ)
COMPARE(vgt, _CMP_GT_OQ)
COMPARE(vge, _CMP_GE_OQ)
static inline M every(int x) { return x ? 0xff : 0; }
static inline V vchoose(M m, V a, V b) { return _mm512_mask_blend_pd(m, b, a); }
/* The processor takes the second number where one of the two is none. */
static inline V vlower(V fixed, V x) { return _mm512_min_pd(fixed, x); }
static inline V vupper(V fixed, V x) { return _mm512_max_pd(fixed, x); }
static inline V vleast(V a, V b) { return vchoose(vne(a, a), a, _mm512_min_pd(a, b)); }
static inline V vmost(V a, V b) { return vchoose(vne(a, a), a, _mm512_max_pd(a, b)); }
static inline V vsqrt(V a) { return _mm512_sqrt_pd(a); }
static inline V vtrunc(V a) { return _mm512_roundscale_pd(a, 3); }
static inline V vfloor(V a) { return _mm512_roundscale_pd(a, 1); }
static inline V vfabs(V a) { return _mm512_abs_pd(a); }
static inline R vrow(V u) { return (R)_mm512_cvttpd_epi64(u); }
static inline R vwhole(M m) { return (R)_mm512_maskz_set1_epi64(m, 1); }
static inline V pick8(const double *t, R row) {
    return _mm512_permutexvar_pd((__m512i)row, _mm512_load_pd(t));
}
static inline V pick16(const double *t, R row) {
    return _mm512_permutex2var_pd(_mm512_load_pd(t), (__m512i)row, _mm512_load_pd(t + 8));
}
static inline V pick(const double *t, R place) {
    return _mm512_i64gather_pd((__m512i)place, t, 8);
}
static inline void vstore(double *t, R place, int live, V v) {
    _mm512_mask_i64scatter_pd(t, (__mmask8)((1 << live) - 1), (__m512i)place, v, 8);
}
/* What is not a number has no row: it takes the last. */
static inline R inside(R row, int top) {
    return (R)_mm512_min_epu64((__m512i)row, _mm512_set1_epi64(top));
}
#else
typedef R M;
static inline M veq(V a, V b) { return a == b; }
static inline M vne(V a, V b) { return a != b; }
static inline M vlt(V a, V b) { return a < b; }
static inline M vle(V a, V b) { return a <= b; }
static inline M vgt(V a, V b) { return a > b; }
static inline M vge(V a, V b) { return a >= b; }
static inline M every(int x) { return (M){} - (x != 0); }
static inline V vchoose(M m, V a, V b) { return (V)((m & (R)a) | (~m & (R)b)); }
static inline V vlower(V fixed, V x) { return vchoose(fixed < x, fixed, x); }
static inline V vupper(V fixed, V x) { return vchoose(fixed > x, fixed, x); }
static inline V vleast(V a, V b) { return vchoose((a < b) | (a != a), a, b); }
static inline V vmost(V a, V b) { return vchoose((a > b) | (a != a), a, b); }
static inline R vrow(V u) {
    R found;
    for (int i = 0; i < LANES; i++) found[i] = row(u[i]);
    return found;
}
static inline R vwhole(M m) { return -m; }
static inline V pick(const double *t, R place) {
    V found;
    for (int i = 0; i < LANES; i++) found[i] = t[place[i]];
    return found;
}
#define pick8 pick
#define pick16 pick
static inline void vstore(double *t, R place, int live, V v) {
    for (int i = 0; i < live; i++) t[place[i]] = v[i];
}
#define inside(row, top) (row)
#endif

static inline M vnot(M m) { return (M)~m; }
static inline V vneg(V a) { return -a; }
static inline V vsign(V a) {
    const V zero = all(0.0);
    return vchoose(vgt(a, zero), all(1.0), vchoose(vlt(a, zero), all(-1.0), a));
}

/* Lane by lane, by the C library. */
#define EACH(name, call) \
    static inline V name(V a) { \
        V found; \
        for (int i = 0; i < LANES; i++) found[i] = call(a[i]); \
        return found; \
    }
#define EACH_OF_TWO(name, call) \
    static inline V name(V a, V b) { \
        V found; \
        for (int i = 0; i < LANES; i++) found[i] = call(a[i], b[i]); \
        return found; \
    }
#define EACH_LANE(call) \
    ({ V found; for (int i = 0; i < LANES; i++) found[i] = (call); found; })
EACH(vexp, exp)
EACH(vlog, log)
EACH(vlog10, log10)
EACH(vsin, sin)
EACH(vcos, cos)
EACH(vtan, tan)
EACH(vasin, asin)
EACH(vacos, acos)
EACH(vatan, atan)
EACH(vsinh, sinh)
EACH(vcosh, cosh)
EACH(vtanh, tanh)
EACH_OF_TWO(vpow, pow)
EACH_OF_TWO(vremainder_of, remainder_of)
#ifndef __AVX512DQ__
EACH(vfabs, fabs)
EACH(vsqrt, sqrt)
EACH(vtrunc, trunc)
EACH(vfloor, floor)
#endif

/* Numbers of the runs at hand, and of eight runs side by side. */
#define vload(p, size) pick(p, run * (long long)(size))
#define eight(p, at) (*(const V *)((p) + 8 * (at)))
static inline R all_rows(int row) { return (R){row, row, row, row, row, row, row, row}; }

/* Tables: see scalar.h. Intercepts, slopes and points stand `part` numbers apart; a part of up to 8
   rows fits one register, of up to 16 two. Those of a table that differs between runs have eight of
   each number side by side. */
static inline V vscaled(V x, V per, V offset) { return x * per - offset; }
static inline V vclip(V u, double top) { return vlower(all(top), vupper(all(0.0), u)); }
static inline V vwithin(V x, V low, V high) { return vlower(high, vupper(low, x)); }
static inline R vcount(V x, const double *points, int n) {
    R found = {};
    for (int i = 0; i < n; i++) found += vwhole(vge(x, all(points[i])));
    return found;
}
static inline R vcount_own(V x, const double *points, int n) {
    R found = {};
    for (int i = 0; i < n; i++) found += vwhole(vge(x, eight(points, i)));
    return found;
}
#define pickn(t, row) pick(t, row)
#define pickown(t, row) pick(t, (row) * 8 + (R){0, 1, 2, 3, 4, 5, 6, 7})
#define ventry(size, t, part, row, u) (pick##size(t, row) + pick##size((t) + (part), row) * (u))
#define ventry_at(size, t, part, row, x) \
    (pick##size(t, row) + \
     pick##size((t) + (part), row) * ((x) - pick##size((t) + 2 * (part), row)))
#define entry_apart(t, part, row, u) ((t)[row] + (t)[(part) + (row)] * (u))
#define entry_at_apart(t, part, row, x) \
    ((t)[row] + (t)[(part) + (row)] * ((x) - (t)[2 * (part) + (row)]))

/* Division by a divisor whose reciprocal is known: quotient, remainder, correction. With the
   reciprocal rounded to nearest the result is that of division, to the last bit, unless a number on
   the way over- or underflows (Markstein, IA-64 and Elementary Functions, 2000, chapter 8). None
   does where divisor and result are far from the ends of the range. Other divisors get a reciprocal
   that is no number. Where a result is small, or no number, as it also is where the first quotient
   was infinite, the processor divides all eight. */
#define SMALL 0x1p-480
#define LARGE 0x1p480
static inline V vfma(V a, V b, V c) {
#ifdef __AVX512DQ__
    return _mm512_fmadd_pd(a, b, c);
#else
    V found;
    for (int i = 0; i < LANES; i++) found[i] = fma(a[i], b[i], c[i]);
    return found;
#endif
}
static inline V vquotient(V a, V b, V r) {
#ifdef __AVX512DQ__
    const V q = a * r, found = vfma(vfma(-b, q, a), r, q);
    const M lost = _mm512_cmp_pd_mask(vfabs(found), all(SMALL), _CMP_NGE_UQ);
    return __builtin_expect(lost != 0, 0) ? a / b : found;
#else
    return a / b;
#endif
}
static inline double reciprocal(double b) {
    return fabs(b) >= SMALL && fabs(b) <= LARGE ? 1.0 / b : NAN;
}
static inline V vreciprocal(V b) {
    const V size = vfabs(b);
    return vchoose(vge(size, all(SMALL)) & vle(size, all(LARGE)), 1.0 / b, all(NAN));
}
