// Loops are compiled once for each of these sets of instructions, in namespaces of their names;
// CHOSEN gives a function of the set that is to be taken.
//
// The loops themselves may not include this, nor anything else that is shared between files: the
// linker takes one copy of it, which may be made for a set that the processor lacks.

#pragma once

namespace mnist_tch {

// 0 for the baseline until a better set was chosen, else its place in the list below.
int instructions();

}  // namespace mnist_tch

#if defined(__x86_64__)

#define FOR_EACH_SET(declare) declare(baseline) declare(avx2) declare(avx512)
#define CHOSEN(function) \
  ::mnist_tch::chosen_of(baseline::function, avx2::function, avx512::function)

namespace mnist_tch {

template <typename Choice>
Choice chosen_of(Choice baseline, Choice avx2, Choice avx512) {
  switch (instructions()) {
    case 2: return avx512;
    case 1: return avx2;
    default: return baseline;
  }
}

}  // namespace mnist_tch

#else

#define FOR_EACH_SET(declare) declare(baseline)
#define CHOSEN(function) baseline::function

#endif
