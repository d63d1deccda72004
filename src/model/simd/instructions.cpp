// The set of instructions that loops take, chosen by instructions.rs.

#include "instructions.h"

#include <atomic>

namespace mnist_tch {
namespace {

std::atomic<int> taken{0};

}  // namespace

int instructions() { return taken.load(std::memory_order_relaxed); }

}  // namespace mnist_tch

extern "C" void mnist_tch_take_instructions(int set) {
  mnist_tch::taken.store(set, std::memory_order_relaxed);
}
