// Loops are compiled once for each of these sets of instructions, in namespaces of their names;
// BEST gives a function of the best set that this processor has.
//
// The loops themselves may not include this, nor anything else that is shared between files: the
// linker takes one copy of it, which may be made for a set that the processor lacks.

#pragma once

#if defined(__x86_64__)

#define FOR_EACH_SET(declare) declare(baseline) declare(avx2) declare(avx512)
#define BEST(function) ::mnist_tch::best_of(baseline::function, avx2::function, avx512::function)

namespace mnist_tch {

template <typename Choice>
Choice best_of(Choice baseline, Choice avx2, Choice avx512) {
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                        __builtin_cpu_supports("bmi2");
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return has_avx512 ? avx512 : has_avx2 ? avx2 : baseline;
}

}  // namespace mnist_tch

#else

#define FOR_EACH_SET(declare) declare(baseline)
#define BEST(function) baseline::function

#endif
