// Loops over values that lie channels last: rows of one pixel's channels, one after the other.
//
// What follows the convolutions of a network is bound by memory. libtorch walks through it once for
// each operation; these do what belongs together in one walk. kernels.cpp is compiled once for each
// set of instructions, and `kernels()` gives the best that this processor has.

#pragma once

#include <cstdint>

namespace mnist_tch {

struct float32 {
  uint32_t bits;
};

// The upper half of the same.
struct bfloat16 {
  uint16_t bits;
};

// One image, or many one below the other: the height counts all rows of pixels.
struct Extent {
  int64_t height, width, channels;
};

// Batch normalisation with the ReLU after it: y = max(x·scale + shift, floor), with a scale and a
// shift for each channel.
struct Normalisation {
  const float *scale, *shift;
  float floor;
};

// The loops for values of type T. Begin and end count images for pooling, pixels elsewhere.
template <typename T>
struct Kernels {
  // The greatest of each 2×2 square, not less than `floor`.
  void (*pool)(const T* values, T* pooled, uint8_t* ignored, Extent image, float floor,
               int64_t begin, int64_t end);
  // The same; `winners` gets which of the four it is, or none of them where that is `floor`.
  void (*pool_and_remember)(const T* values, T* pooled, uint8_t* winners, Extent image, float floor,
                            int64_t begin, int64_t end);
  // Gives each winner its gradient, and zero to all others.
  void (*pool_backward)(const T* gradients, const uint8_t* winners, T* values, Extent image,
                        int64_t begin, int64_t end);

  // Adds up x - origin and its square, for each channel.
  void (*sums)(const T* x, const float* origin, float* sums, float* squares, int64_t channels,
               int64_t begin, int64_t end);
  // y from x.
  void (*scale)(const T* x, Normalisation forward, T* y, int64_t channels, int64_t begin,
                int64_t end);
  // Adds up the gradients of y where y > floor, and their products with x - origin. Here and below
  // y is made of x once more: reading it again would take longer.
  void (*gradient_sums)(const T* gradients, const T* x, Normalisation forward, const float* origin,
                        float* sums, float* products, int64_t channels, int64_t begin, int64_t end);
  // scale·gradient + slope·x + shift, where the gradient counts where y > floor; the scale is that
  // of `forward`.
  void (*scale_backward)(const T* gradients, const T* x, Normalisation forward, const float* slope,
                         const float* shift, T* result, int64_t channels, int64_t begin,
                         int64_t end);
};

template <typename T>
const Kernels<T>& kernels();

}  // namespace mnist_tch
