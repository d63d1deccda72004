// The kernels are compiled once for each of these instruction sets, in a namespace of its name;
// CHOSEN gives a function of the selected set.
//
// The kernels themselves must not include this, nor any other code shared between files: the linker
// keeps one copy of it, which may be compiled for a set that the processor does not support.

#pragma once

namespace mnist_tch {

// The index of the selected set in the list below; 0, the baseline, at first.
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
