// See kernels.h. Compiled once for each instruction set, with its name as INSTRUCTIONS.

#include "kernels.h"

#include "one_channel.h"
#include "winograd.h"

namespace mnist_tch {
namespace INSTRUCTIONS {

const Winograd* winograd(int64_t kernel) {
  switch (kernel) {
    case 3: return &Loops<3>::TABLE;
    case 5: return &Loops<5>::TABLE;
    default: return nullptr;
  }
}

const OneChannel* one_channel(int64_t kernel) {
  switch (kernel) {
    case 3: return &OneChannelLoops<3>::TABLE;
    case 5: return &OneChannelLoops<5>::TABLE;
    default: return nullptr;
  }
}

}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
