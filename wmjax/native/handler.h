/* How XLA calls a kernel: operands are the axis, the shared numbers, and the leaves that vary;
   results the kept values of each name, and whether a run left the finite numbers. */
#include "xla/ffi/api/c_api.h"

XLA_FFI_Error *handler(XLA_FFI_CallFrame *frame) {
    for (XLA_FFI_InternalExtension *e = frame->extension_start; e; e = e->next)
        if (e->type == XLA_FFI_Extension_Metadata) {
            XLA_FFI_Metadata *about = ((XLA_FFI_Metadata_Extension *)e)->metadata;
            about->api_version.major_version = XLA_FFI_API_MAJOR;
            about->api_version.minor_version = XLA_FFI_API_MINOR;
            return 0;
        }
    if (frame->stage != XLA_FFI_ExecutionStage_EXECUTE) return 0;
    const double *operands[OPERANDS];
    double *results[RESULTS];
    for (int i = 0; i < OPERANDS; i++)
        operands[i] = ((XLA_FFI_Buffer *)frame->args.args[i])->data;
    for (int i = 0; i < RESULTS; i++)
        results[i] = ((XLA_FFI_Buffer *)frame->rets.rets[i])->data;
    const long n = ((XLA_FFI_Buffer *)frame->rets.rets[RESULTS - 1])->dims[0];
    run(n, operands[0], operands[1], operands + 2, results, results[RESULTS - 1]);
    return 0;
}
