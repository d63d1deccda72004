// Which of the sets of instructions that kernels.cpp is compiled for this processor has.

#include "../simd/instructions.h"
#include "kernels.h"

namespace mnist_tch {

#define DECLARE(instructions)             \
  namespace instructions {                \
  const Kernels<float32>& of_float32();   \
  const Kernels<bfloat16>& of_bfloat16(); \
  }

FOR_EACH_SET(DECLARE)

template <>
const Kernels<float32>& kernels() {
  static const auto chosen = BEST(of_float32);
  return chosen();
}

template <>
const Kernels<bfloat16>& kernels() {
  static const auto chosen = BEST(of_bfloat16);
  return chosen();
}

}  // namespace mnist_tch
