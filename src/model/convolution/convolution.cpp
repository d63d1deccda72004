// Convolutions with stride 1 on the CPU, with gradients, behind a C interface. Values are
// [B, C, H, W] of floats and lie channels last.

#include <algorithm>
#include <optional>

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

// The values in memory; null where there are none.
float* data(const Tensor& values) { return values.defined() ? values.data_ptr<float>() : nullptr; }

// What follows the sums.
struct Options {
  int64_t padding;
  // Whether only the greatest of each 2×2 square is kept, and with ReLU.
  bool pooled, relu;
};

ConvolutionShape shape_of(const Tensor& values, const Tensor& weight, const Options& options) {
  const int64_t kernel = weight.size(2), step = winograd(kernel)->step;
  ConvolutionShape shape{};
  shape.height = values.size(2);
  shape.width = values.size(3);
  shape.inputs = values.size(1);
  shape.rows = shape.height + 2 * options.padding - kernel + 1;
  shape.columns = shape.width + 2 * options.padding - kernel + 1;
  shape.outputs = weight.size(0);
  shape.padding = options.padding;
  shape.down = (shape.rows + step - 1) / step;
  shape.across = (shape.columns + step - 1) / step;
  shape.pooled = options.pooled;
  shape.floor = floor_of(options.relu);
  return shape;
}

// Images whose gradients a thread adds up by itself, at least: the sums of fewer are made sooner
// than they are brought together.
constexpr int64_t LEAST_IMAGES = 8;

// Into how many shares so many pieces are split for libtorch's threads.
int64_t shares_of(int64_t count, int64_t least = 1) {
  return std::clamp<int64_t>(count / least, 1, at::get_num_threads());
}

// Splits `count` pieces into shares, as evenly as can be, which run in parallel: always in the same
// way, since sums of floats depend on it.
template <typename Action>
void in_shares(int64_t shares, int64_t count, const Action& action) {
  at::parallel_for(0, shares, 1, [&](int64_t first, int64_t last) {
    for (int64_t share = first; share < last; ++share) {
      action(share, count * share / shares, count * (share + 1) / shares);
    }
  });
}

// [R, R, inputs, outputs] as a convolution's weight.
Tensor from_taps(const Tensor& weight) { return weight.permute({3, 2, 0, 1}); }

Tensor parts_of(const Winograd& loops, const Tensor& weights, int64_t tap, int64_t row,
                int64_t rows, int64_t columns) {
  Tensor parts = at::empty({PARTS * loops.matrix(rows, columns)}, at::kFloat);
  in_shares(shares_of(rows), rows, [&](int64_t, int64_t begin, int64_t end) {
    loops.weights_to_parts(data(weights), tap, row, rows, columns, data(parts), begin, end);
  });
  return parts;
}

// The weight as the loops take it.
Tensor prepared(const Tensor& weight) {
  const Tensor taps = weight.permute({2, 3, 1, 0}).contiguous();  // [taps][inputs][outputs]
  const int64_t inputs = weight.size(1), outputs = weight.size(0);
  if (inputs == 1) return taps;
  return parts_of(*winograd(weight.size(2)), taps, inputs * outputs, outputs, inputs, outputs);
}

// `winners` is undefined where nobody will want to know.
Results results_of(const Tensor& values, const Tensor& winners) {
  return {data(values), winners.defined() ? winners.data_ptr<uint8_t>() : nullptr};
}

Tensor empty_results(const ConvolutionShape& shape, int64_t images, at::ScalarType type) {
  const int64_t pool = shape.pooled ? 2 : 1;
  return at::empty({images, shape.outputs, shape.rows / pool, shape.columns / pool},
                   at::TensorOptions(type).memory_format(at::MemoryFormat::ChannelsLast));
}

Tensor convolved(const ConvolutionShape& shape, int64_t kernel, const Tensor& values,
                 const Tensor& weights, const std::optional<Tensor>& bias, const Tensor& winners) {
  const int64_t images = values.size(0);
  const float* shift = bias ? data(*bias) : nullptr;
  Tensor results = empty_results(shape, images, at::kFloat);
  const auto run = [&](const auto& loops, int64_t count) {
    const int64_t shares = shares_of(count);
    const Tensor space = at::empty({shares, loops.space(shape)}, at::kFloat);
    in_shares(shares, count, [&](int64_t share, int64_t begin, int64_t end) {
      loops.forward(shape, data(values), data(weights), shift, results_of(results, winners),
                    data(space[share]), begin, end);
    });
  };
  if (shape.inputs == 1) {
    run(*one_channel(kernel), images);
  } else {
    run(*winograd(kernel), images * shape.down * shape.across);
  }
  return results;
}

// Gradients of values, weight and bias.
struct Gradients {
  Tensor values, weight, bias;
};

Gradients of_one_channel(const ConvolutionShape& shape, const Tensor& images, const Tensor& weight,
                         Results gradients) {
  const auto& loops = *one_channel(weight.size(2));
  const int64_t kernel = weight.size(2), count = images.size(0);
  const int64_t shares = shares_of(count, LEAST_IMAGES);
  const Tensor of_weight = at::zeros({shares, kernel, kernel, 1, shape.outputs}, at::kFloat);
  const Tensor of_bias = at::zeros({shares, shape.outputs}, at::kFloat);
  const Tensor space = at::empty({shares, loops.space(shape)}, at::kFloat);
  in_shares(shares, count, [&](int64_t share, int64_t begin, int64_t end) {
    loops.backward(shape, data(images), gradients, data(of_weight[share]), data(of_bias[share]),
                   data(space[share]), begin, end);
  });
  return {Tensor(), from_taps(of_weight.sum(0)), of_bias.sum(0)};
}

Gradients of_many_channels(const ConvolutionShape& shape, const Tensor& values,
                           const Tensor& weight, Results gradients, bool wants_values) {
  const int64_t kernel = weight.size(2), count = values.size(0);
  const int64_t shares = shares_of(count, LEAST_IMAGES);
  const auto& loops = *winograd(kernel);
  const int64_t inputs = shape.inputs, outputs = shape.outputs;
  // [outputs][taps][inputs]
  const Tensor weights = channels_last(weight);
  const Tensor parts = parts_of(loops, weights, inputs, kernel * kernel * inputs, outputs, inputs);
  const Tensor of_parts = at::zeros({shares, PARTS * loops.matrix(inputs, outputs)}, at::kFloat);
  const Tensor of_bias = at::zeros({shares, outputs}, at::kFloat);
  const Tensor of_values = wants_values ? at::zeros_like(values) : Tensor();
  const Tensor space = at::empty({shares, loops.space(shape)}, at::kFloat);
  in_shares(shares, count, [&](int64_t share, int64_t begin, int64_t end) {
    loops.backward(shape, data(values), data(parts), gradients, data(of_values),
                   data(of_parts[share]), data(of_bias[share]), data(space[share]), begin, end);
  });
  const Tensor sum = of_parts.sum(0);
  const Tensor of_weight = at::empty({kernel, kernel, inputs, outputs}, at::kFloat);
  in_shares(shares_of(inputs), inputs, [&](int64_t, int64_t begin, int64_t end) {
    loops.parts_to_weights(data(sum), inputs, outputs, data(of_weight), begin, end);
  });
  return {of_values, from_taps(of_weight), of_bias.sum(0)};
}

struct Convolution : Function<Convolution> {
  static Tensor forward(AutogradContext* context, const Tensor& given, const Tensor& weight,
                        const std::optional<Tensor>& bias, const Options& options) {
    const Tensor values = channels_last(given);
    const auto shape = shape_of(values, weight, options);
    Tensor winners;
    if (shape.pooled) winners = empty_results(shape, values.size(0), at::kByte);
    context->save_for_backward({values, weight, winners});
    context->saved_data["padding"] = options.padding;
    context->saved_data["pooled"] = options.pooled;
    context->saved_data["has_bias"] = bias.has_value();
    return convolved(shape, weight.size(2), values, prepared(weight), bias, winners);
  }

  static variable_list backward(AutogradContext* context, variable_list given) {
    const auto saved = context->get_saved_variables();
    const Tensor &values = saved[0], &weight = saved[1], &winners = saved[2];
    // Winners know where a ReLU let nothing through.
    const auto shape = shape_of(
        values, weight,
        {context->saved_data["padding"].toInt(), context->saved_data["pooled"].toBool(), false});
    const Tensor given_gradients = channels_last(given[0]);
    const Results gradients = results_of(given_gradients, winners);
    const auto results = shape.inputs == 1 ? of_one_channel(shape, values, weight, gradients)
                                           : of_many_channels(shape, values, weight, gradients,
                                                              context->needs_input_grad(0));
    const bool has_bias = context->saved_data["has_bias"].toBool();
    return {results.values, results.weight, has_bias ? results.bias : Tensor(), Tensor()};
  }
};

}  // namespace
}  // namespace mnist_tch

extern "C" {

// Whether there are loops for such a convolution.
bool mnist_tch_convolution_serves(int64_t inputs, int64_t outputs, int64_t kernel) {
  using namespace mnist_tch;
  if (inputs == 1) {
    const auto* loops = one_channel(kernel);
    return loops && outputs % loops->width == 0;
  }
  const auto* loops = winograd(kernel);
  return loops && inputs % loops->width == 0 && outputs % loops->width == 0;
}

// The weight as `mnist_tch_convolution` takes it for use without gradients.
char* mnist_tch_convolution_prepared(const at::Tensor* weight, at::Tensor** result) {
  using namespace mnist_tch;
  return guarded([&] { *result = new at::Tensor(prepared(*weight)); });
}

// `bias` and `ready`, the prepared weight, may be null.
char* mnist_tch_convolution(const at::Tensor* values, const at::Tensor* weight,
                            const at::Tensor* bias, const at::Tensor* ready, int64_t padding,
                            bool pooled, bool relu, at::Tensor** result) {
  using namespace mnist_tch;
  return guarded([&] {
    const int64_t inputs = weight->size(1);
    // Loops trust what they are given.
    TORCH_CHECK(values->device().is_cpu() && values->dim() == 4 && values->size(1) == inputs &&
                    mnist_tch_convolution_serves(inputs, weight->size(0), weight->size(2)),
                "there are no loops for such a convolution");
    const auto shift = bias ? std::optional(*bias) : std::nullopt;
    const Options options{padding, pooled, relu};
    const bool learns =
        values->requires_grad() || weight->requires_grad() || (shift && shift->requires_grad());
    if (at::GradMode::is_enabled() && learns) {
      *result = new at::Tensor(Convolution::apply(*values, *weight, shift, options));
      return;
    }
    const auto own = channels_last(*values);
    *result = new at::Tensor(convolved(shape_of(own, *weight, options), weight->size(2), own,
                                       ready ? *ready : prepared(*weight), shift, at::Tensor()));
  });
}

}  // extern "C"
