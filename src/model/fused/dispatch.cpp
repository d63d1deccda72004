// Which of the sets of instructions that kernels.cpp is compiled for this processor has.

#include "kernels.h"

namespace mnist_tch {

#define DECLARE(instructions)             \
  namespace instructions {                \
  const Kernels<float32>& of_float32();   \
  const Kernels<bfloat16>& of_bfloat16(); \
  }

DECLARE(baseline)

#if defined(__x86_64__)

DECLARE(avx2)
DECLARE(avx512)

namespace {

template <typename Choice>
Choice choose(Choice baseline, Choice avx2, Choice avx512) {
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                        __builtin_cpu_supports("bmi2");
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return has_avx512 ? avx512 : has_avx2 ? avx2 : baseline;
}

}  // namespace

template <>
const Kernels<float32>& kernels() {
  static const auto chosen = choose(baseline::of_float32, avx2::of_float32, avx512::of_float32);
  return chosen();
}

template <>
const Kernels<bfloat16>& kernels() {
  static const auto chosen = choose(baseline::of_bfloat16, avx2::of_bfloat16, avx512::of_bfloat16);
  return chosen();
}

#else

template <>
const Kernels<float32>& kernels() {
  return baseline::of_float32();
}

template <>
const Kernels<bfloat16>& kernels() {
  return baseline::of_bfloat16();
}

#endif

}  // namespace mnist_tch
