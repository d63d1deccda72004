// The instruction set of the kernels, selected by instructions.rs.

#include "instructions.h"

#include <atomic>

namespace mnist_tch {
namespace {

std::atomic<int> selected{0};

}  // namespace

int instructions() { return selected.load(std::memory_order_relaxed); }

}  // namespace mnist_tch

extern "C" void mnist_tch_set_instructions(int set) {
  mnist_tch::selected.store(set, std::memory_order_relaxed);
}
