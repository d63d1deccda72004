// Which of the sets of instructions that kernels.cpp is compiled for this processor has.

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
  static const auto chosen = BEST(winograd);
  return chosen(kernel);
}

const OneChannel* one_channel(int64_t kernel) {
  static const auto chosen = BEST(one_channel);
  return chosen(kernel);
}

}  // namespace mnist_tch
