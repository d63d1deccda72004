// Dispatches to kernels.cpp compiled for the selected instruction set.

#include "../simd/instructions.h"
#include "kernels.h"

namespace mnist_tch {

#define DECLARE(instructions)                    \
  namespace instructions {                       \
  const Winograd* winograd(int64_t kernel);      \
  const OneChannel* one_channel(int64_t kernel); \
  }

FOR_EACH_SET(DECLARE)

const Winograd* winograd(int64_t kernel) {
  return CHOSEN(winograd)(kernel);
}

const OneChannel* one_channel(int64_t kernel) {
  return CHOSEN(one_channel)(kernel);
}

}  // namespace mnist_tch
