// Max-pooling and batch normalisation, each fused with the adjacent ReLU, on the CPU, with
// gradients, behind a C interface. Values are [B, C, H, W] floats or bfloat16 in channels-last
// layout.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "../../shim.h"
#include "../values.h"
#include "kernels.h"

namespace mnist_tch {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// The fewest values per thread: fewer are done before another thread has started.
constexpr int64_t MIN_WORK = 32'768;

// The values in memory, with the kernels' type.
template <typename T>
T* data(const Tensor& values) {
  return static_cast<T*>(values.data_ptr());
}

// Calls `action` with a value of the element type.
template <typename Action>
void with_type(const Tensor& values, const Action& action) {
  switch (values.scalar_type()) {
    case at::kFloat: return action(float32{});
    case at::kBFloat16: return action(bfloat16{});
    default: TORCH_CHECK(false, "values are float or bfloat16, not ", values.scalar_type());
  }
}

// Splits `count` items of `values` values each among libtorch's threads.
template <typename Action>
void in_parallel(int64_t count, int64_t values, const Action& action) {
  at::parallel_for(0, count, std::max<int64_t>(1, MIN_WORK / std::max<int64_t>(1, values)),
                   action);
}

// Two sums per channel, over all threads: always in the same order.
template <typename Action>
std::array<std::vector<double>, 2> two_sums(int64_t pixels, int64_t channels,
                                            const Action& action) {
  const int64_t threads = at::get_num_threads();
  std::vector<float> parts(2 * threads * channels);
  in_parallel(pixels, channels, [&](int64_t begin, int64_t end) {
    float* own = parts.data() + 2 * at::get_thread_num() * channels;
    action(own, own + channels, begin, end);
  });
  std::array<std::vector<double>, 2> sums{std::vector<double>(channels),
                                          std::vector<double>(channels)};
  for (int64_t thread = 0; thread < threads; ++thread) {
    for (int which = 0; which < 2; ++which) {
      const float* part = parts.data() + (2 * thread + which) * channels;
      for (int64_t c = 0; c < channels; ++c) sums[which][c] += part[c];
    }
  }
  return sums;
}

// 2×2 max-pooling, with or without ReLU. `winners` receives the index of each maximum, unless it is
// undefined.
Tensor pooled(const Tensor& values, const Tensor& winners, bool relu) {
  const int64_t height = values.size(2), width = values.size(3), channels = values.size(1);
  Tensor out = at::empty({values.size(0), channels, height / 2, width / 2},
                         values.options().memory_format(at::MemoryFormat::ChannelsLast));
  with_type(values, [&](auto type) {
    using T = decltype(type);
    const bool with_winners = winners.defined();
    const auto pool = with_winners ? kernels<T>().pool_with_winners : kernels<T>().pool;
    uint8_t* won = with_winners ? winners.data_ptr<uint8_t>() : nullptr;
    in_parallel(values.size(0), height * width * channels, [&](int64_t begin, int64_t end) {
      pool(data<T>(values), data<T>(out), won, {height, width, channels}, floor_of(relu), begin,
           end);
    });
  });
  return out;
}

struct MaxPool : Function<MaxPool> {
  static Tensor forward(AutogradContext* context, const Tensor& given, bool relu) {
    const Tensor values = channels_last(given);
    const Tensor winners = at::empty({values.numel() / 4}, values.options().dtype(at::kByte));
    context->save_for_backward({winners});
    context->saved_data["size"] = values.sizes();
    return pooled(values, winners, relu);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const Tensor winners = context->get_saved_variables()[0];
    const auto size = context->saved_data["size"].toIntVector();
    const Tensor gradient = channels_last(gradients[0]);
    Tensor result =
        at::empty(size, gradient.options().memory_format(at::MemoryFormat::ChannelsLast));
    with_type(gradient, [&](auto type) {
      using T = decltype(type);
      const int64_t image = size[1] * size[2] * size[3];
      in_parallel(size[0], image, [&](int64_t begin, int64_t end) {
        kernels<T>().pool_backward(data<T>(gradient), winners.data_ptr<uint8_t>(), data<T>(result),
                                   {size[2], size[3], size[1]}, begin, end);
      });
    });
    return {result, Tensor()};
  }
};

Tensor floats(const std::vector<float>& values) { return at::tensor(values, at::kFloat); }

// Normalises with the batch statistics and updates the running ones.
struct BatchNorm : Function<BatchNorm> {
  static Tensor forward(AutogradContext* context, const Tensor& given, const Tensor& weight,
                        const Tensor& bias, const Tensor& running_mean,
                        const Tensor& running_variance, double momentum, double epsilon,
                        bool relu) {
    const Tensor x = channels_last(given);
    const int64_t channels = x.size(1), pixels = x.numel() / channels;
    float* means = running_mean.data_ptr<float>();
    float* variances = running_variance.data_ptr<float>();
    // Subtracting the running mean, which is near the batch's, loses the fewest digits.
    std::vector<float> mean(means, means + channels), inverse(channels), scale(channels),
        shift(channels);
    Tensor y = at::empty_like(x);
    with_type(x, [&](auto type) {
      using T = decltype(type);
      const auto& loops = kernels<T>();
      const auto sums =
          two_sums(pixels, channels, [&](float* sum, float* square, int64_t begin, int64_t end) {
            loops.sums(data<T>(x), means, sum, square, channels, begin, end);
          });
      for (int64_t c = 0; c < channels; ++c) {
        const double offset = sums[0][c] / pixels;
        double variance = sums[1][c] / pixels - offset * offset;
        if (variance < 0) variance = 0;
        mean[c] += float(offset);
        inverse[c] = float(1.0 / std::sqrt(variance + epsilon));
        scale[c] = weight.data_ptr<float>()[c] * inverse[c];
        shift[c] = bias.data_ptr<float>()[c] - mean[c] * scale[c];
        means[c] += float(momentum * offset);
        const double unbiased = variance * pixels / std::max<double>(1.0, pixels - 1);
        variances[c] += float(momentum * (unbiased - variances[c]));
      }
      in_parallel(pixels, channels, [&](int64_t begin, int64_t end) {
        loops.scale(data<T>(x), {scale.data(), shift.data(), floor_of(relu)}, data<T>(y), channels,
                    begin, end);
      });
    });
    context->save_for_backward({x, floats(mean), floats(inverse), floats(scale), floats(shift)});
    context->saved_data["relu"] = relu;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor& x = saved[0];
    const float *mean = saved[1].data_ptr<float>(), *inverse = saved[2].data_ptr<float>();
    const Normalisation forward{saved[3].data_ptr<float>(), saved[4].data_ptr<float>(),
                                floor_of(context->saved_data["relu"].toBool())};
    const Tensor gradient = channels_last(gradients[0]);
    const int64_t channels = x.size(1), pixels = x.numel() / channels;
    Tensor result = at::empty_like(x);
    std::vector<float> weight_gradient(channels), bias_gradient(channels);
    with_type(x, [&](auto type) {
      using T = decltype(type);
      const auto& loops = kernels<T>();
      const auto sums =
          two_sums(pixels, channels, [&](float* sum, float* product, int64_t begin, int64_t end) {
            loops.gradient_sums(data<T>(gradient), data<T>(x), forward, mean, sum, product,
                                channels, begin, end);
          });
      // Ioffe and Szegedy's gradient of x as scale·gradient + slope·x + shift.
      std::vector<float> slope(channels), shift(channels);
      for (int64_t c = 0; c < channels; ++c) {
        const double along = sums[1][c] * inverse[c];
        weight_gradient[c] = float(along);
        bias_gradient[c] = float(sums[0][c]);
        slope[c] = float(-forward.scale[c] * inverse[c] * along / pixels);
        shift[c] = float(-forward.scale[c] * sums[0][c] / pixels) - slope[c] * mean[c];
      }
      in_parallel(pixels, channels, [&](int64_t begin, int64_t end) {
        loops.scale_backward(data<T>(gradient), data<T>(x), forward, slope.data(), shift.data(),
                             data<T>(result), channels, begin, end);
      });
    });
    return {result, floats(weight_gradient), floats(bias_gradient), {}, {}, {}, {}, {}};
  }
};

// The kernels do not check their arguments.
void check(const Tensor& values) {
  const auto type = values.scalar_type();
  TORCH_CHECK(values.device().is_cpu() && values.dim() == 4 &&
                  (type == at::kFloat || type == at::kBFloat16),
              "there is no kernel for such values");
}

}  // namespace
}  // namespace mnist_tch

extern "C" {

char* mnist_tch_max_pool(const at::Tensor* values, bool relu, at::Tensor** result) {
  using namespace mnist_tch;
  return guarded([&] {
    check(*values);
    const bool needs_grad = at::GradMode::is_enabled() && values->requires_grad();
    *result = new Tensor(needs_grad ? MaxPool::apply(*values, relu)
                                    : pooled(channels_last(*values), Tensor(), relu));
  });
}

char* mnist_tch_batch_norm(const at::Tensor* values, const at::Tensor* weight,
                           const at::Tensor* bias, const at::Tensor* running_mean,
                           const at::Tensor* running_variance, double momentum, double epsilon,
                           bool relu, at::Tensor** result) {
  using namespace mnist_tch;
  return guarded([&] {
    check(*values);
    TORCH_CHECK(values->numel() > 0, "there is nothing to normalise");
    for (const auto* one : {weight, bias, running_mean, running_variance}) {
      TORCH_CHECK(one->device().is_cpu() && one->scalar_type() == at::kFloat &&
                      one->is_contiguous() && one->dim() == 1 && one->size(0) == values->size(1),
                  "the weights do not match the normalisation");
    }
    *result = new Tensor(BatchNorm::apply(*values, *weight, *bias, *running_mean, *running_variance,
                                          momentum, epsilon, relu));
  });
}

}  // extern "C"
