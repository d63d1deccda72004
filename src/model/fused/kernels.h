// Kernels over channels-last values: the channels of one pixel are contiguous.
//
// The operations after the convolutions of a network are memory-bound. libtorch passes over memory
// once for each operation; these kernels do adjacent operations in one pass. kernels.cpp is
// compiled once for each instruction set, and `kernels()` returns those of the selected one.

#pragma once

#include <cstdint>

namespace mnist_tch {

struct float32 {
  uint32_t bits;
};

// The upper half of a float32.
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

// The kernels for values of type T. Begin and end count images for pooling, pixels elsewhere.
template <typename T>
struct Kernels {
  // The maximum of each 2×2 window and `floor`.
  void (*pool)(const T* values, T* pooled, uint8_t* ignored, Extent image, float floor,
               int64_t begin, int64_t end);
  // The same; `winners` receives the index of the maximum in the window, or NONE where it is
  // `floor`.
  void (*pool_with_winners)(const T* values, T* pooled, uint8_t* winners, Extent image, float floor,
                            int64_t begin, int64_t end);
  // Assigns each winner its gradient, and zero to all others.
  void (*pool_backward)(const T* gradients, const uint8_t* winners, T* values, Extent image,
                        int64_t begin, int64_t end);

  // Sums x - origin and its square, for each channel.
  void (*sums)(const T* x, const float* origin, float* sums, float* squares, int64_t channels,
               int64_t begin, int64_t end);
  // y from x.
  void (*scale)(const T* x, Normalisation forward, T* y, int64_t channels, int64_t begin,
                int64_t end);
  // Sums the gradients of y where y > floor, and their products with x - origin. Here and below y
  // is recomputed from x: reading it again would take longer.
  void (*gradient_sums)(const T* gradients, const T* x, Normalisation forward, const float* origin,
                        float* sums, float* products, int64_t channels, int64_t begin, int64_t end);
  // scale·gradient + slope·x + shift, with a gradient of 0 where y <= floor; the scale is that of
  // `forward`.
  void (*scale_backward)(const T* gradients, const T* x, Normalisation forward, const float* slope,
                         const float* shift, T* result, int64_t channels, int64_t begin,
                         int64_t end);
};

template <typename T>
const Kernels<T>& kernels();

}  // namespace mnist_tch
