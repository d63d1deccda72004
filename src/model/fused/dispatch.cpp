// Dispatches to kernels.cpp compiled for the selected instruction set.

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
  return CHOSEN(of_float32)();
}

template <>
const Kernels<bfloat16>& kernels() {
  return CHOSEN(of_bfloat16)();
}

}  // namespace mnist_tch
