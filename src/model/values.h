// Values in the form that our kernels take.

#pragma once

#include <limits>

#include <ATen/core/Tensor.h>

namespace mnist_tch {

inline at::Tensor channels_last(const at::Tensor& values) {
  return values.contiguous(at::MemoryFormat::ChannelsLast);
}

// The lower limit of results, with or without ReLU.
inline float floor_of(bool relu) { return relu ? 0.0f : -std::numeric_limits<float>::infinity(); }

}  // namespace mnist_tch
