/* Eight scenarios side by side: 512-bit registers where the processor has them, else GNU C vectors,
   which any processor runs. */
#include <immintrin.h>

#include "scalar.h"

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
static inline V vchoose(M m, V a, V b) { return _mm512_mask_blend_pd(m, b, a); }
static inline V vleast(V a, V b) { return _mm512_min_pd(a, b); }
static inline V vmost(V a, V b) { return _mm512_max_pd(a, b); }
static inline V vsqrt(V a) { return _mm512_sqrt_pd(a); }
static inline V vtrunc(V a) { return _mm512_roundscale_pd(a, 3); }
static inline V vfloor(V a) { return _mm512_roundscale_pd(a, 1); }
static inline R vrow(V u) { return (R)_mm512_cvttpd_epi64(u); }
static inline R vreached(V x, double point) {
    return (R)_mm512_maskz_set1_epi64(vge(x, all(point)), 1);
}
static inline V pick8(const double *t, R row) {
    return _mm512_permutexvar_pd((__m512i)row, _mm512_load_pd(t));
}
static inline V pick16(const double *t, R row) {
    return _mm512_permutex2var_pd(_mm512_load_pd(t), (__m512i)row, _mm512_load_pd(t + 8));
}
static inline V pickn(const double *t, R row) { return _mm512_i64gather_pd((__m512i)row, t, 8); }
#else
typedef R M;
static inline M veq(V a, V b) { return a == b; }
static inline M vne(V a, V b) { return a != b; }
static inline M vlt(V a, V b) { return a < b; }
static inline M vle(V a, V b) { return a <= b; }
static inline M vgt(V a, V b) { return a > b; }
static inline M vge(V a, V b) { return a >= b; }
static inline V vchoose(M m, V a, V b) { return (V)((m & (R)a) | (~m & (R)b)); }
static inline V vleast(V a, V b) { return vchoose(a < b, a, b); }
static inline V vmost(V a, V b) { return vchoose(a > b, a, b); }
static inline R vrow(V u) { return __builtin_convertvector(u, R); }
static inline R vreached(V x, double point) { return -(x >= point); }
static inline V pickn(const double *t, R row) {
    V found;
    for (int i = 0; i < LANES; i++) found[i] = t[row[i]];
    return found;
}
#define pick8 pickn
#define pick16 pickn
#endif

static inline M vnot(M m) { return (M)~m; }
static inline V vneg(V a) { return -a; }

/* Lane by lane, by the C library. */
#define EACH(name, call) \
    static inline V name(V a) { \
        V found; \
        for (int i = 0; i < LANES; i++) found[i] = call(a[i]); \
        return found; \
    }
EACH(vfabs, fabs)
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
#ifndef __AVX512DQ__
EACH(vsqrt, sqrt)
EACH(vtrunc, trunc)
EACH(vfloor, floor)
#endif
static inline V vpow(V a, V b) {
    V found;
    for (int i = 0; i < LANES; i++) found[i] = pow(a[i], b[i]);
    return found;
}

/* Tables: see scalar.h; a table of up to 8 rows fits one register, of up to 16 two. */
static inline V vscaled(V x, double per, double offset) { return x * per - offset; }
static inline V vclip(V u, double top) { return vleast(vmost(u, all(0.0)), all(top)); }
#define entry(t, row, u) (t##_intercept[row] + t##_slope[row] * (u))
#define ventry8(t, row, u) (pick8(t##_intercept, row) + pick8(t##_slope, row) * (u))
#define ventry16(t, row, u) (pick16(t##_intercept, row) + pick16(t##_slope, row) * (u))
#define ventryn(t, row, u) (pickn(t##_intercept, row) + pickn(t##_slope, row) * (u))

/* Division by a divisor whose reciprocal is known: quotient, remainder, correction. With the
   reciprocal rounded to nearest the result is that of division, to the last bit, but where a number
   on the way over- or underflows (Markstein, IA-64 and Elementary Functions, 2000, chapter 8). */
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
    const V q = a * r;
    return vfma(vfma(-b, q, a), r, q);
}
static inline double reciprocal(double b) { return 1.0 / b; }
#if defined(__AVX512DQ__) && defined(SOFTWARE_RECIPROCAL)
static inline V vreciprocal(V b) {
    V r = _mm512_rcp14_pd(b);
    const V e = vfma(-b, r, all(1.0));
    r = vfma(vfma(e, e, e), r, r);
    return vfma(vfma(-b, r, all(1.0)), r, r);
}
#else
static inline V vreciprocal(V b) { return 1.0 / b; }
#endif
