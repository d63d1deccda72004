// Convolutions with stride 1 on the CPU, with gradients, behind a C interface. Values are
// [B, C, H, W] floats in channels-last layout.

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

// The values in memory; null for an undefined tensor.
float* data(const Tensor& values) { return values.defined() ? values.data_ptr<float>() : nullptr; }

struct Options {
  int64_t padding;
  // Whether 2×2 max-pooling follows, and whether with ReLU.
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

// The fewest images whose gradients a thread sums: for fewer, combining the threads' sums takes
// longer than computing them.
constexpr int64_t MIN_IMAGES = 8;

// The number of chunks for libtorch's threads, with at least `min` items each.
int64_t chunk_count(int64_t count, int64_t min = 1) {
  return std::clamp<int64_t>(count / min, 1, at::get_num_threads());
}

// Runs `count` items in parallel, split into equal chunks: always in the same way, since sums of
// floats depend on it.
template <typename Action>
void parallel_chunks(int64_t chunks, int64_t count, const Action& action) {
  at::parallel_for(0, chunks, 1, [&](int64_t first, int64_t last) {
    for (int64_t chunk = first; chunk < last; ++chunk) {
      action(chunk, count * chunk / chunks, count * (chunk + 1) / chunks);
    }
  });
}

// [R, R, inputs, outputs] to the layout of a convolution's weight.
Tensor from_taps(const Tensor& weight) { return weight.permute({3, 2, 0, 1}); }

Tensor parts_of(const Winograd& loops, const Tensor& weights, int64_t tap, int64_t row,
                int64_t rows, int64_t columns) {
  Tensor parts = at::empty({PARTS * loops.matrix(rows, columns)}, at::kFloat);
  parallel_chunks(chunk_count(rows), rows, [&](int64_t, int64_t begin, int64_t end) {
    loops.weights_to_parts(data(weights), tap, row, rows, columns, data(parts), begin, end);
  });
  return parts;
}

// The weight in the kernels' layout.
Tensor prepared(const Tensor& weight) {
  const Tensor taps = weight.permute({2, 3, 1, 0}).contiguous();  // [taps][inputs][outputs]
  const int64_t inputs = weight.size(1), outputs = weight.size(0);
  if (inputs == 1) return taps;
  return parts_of(*winograd(weight.size(2)), taps, inputs * outputs, outputs, inputs, outputs);
}

// `winners` is undefined where they are not needed.
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
    const int64_t chunks = chunk_count(count);
    const Tensor workspace = at::empty({chunks, loops.workspace(shape)}, at::kFloat);
    parallel_chunks(chunks, count, [&](int64_t chunk, int64_t begin, int64_t end) {
      loops.forward(shape, data(values), data(weights), shift, results_of(results, winners),
                    data(workspace[chunk]), begin, end);
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
  const int64_t chunks = chunk_count(count, MIN_IMAGES);
  const Tensor of_weight = at::zeros({chunks, kernel, kernel, 1, shape.outputs}, at::kFloat);
  const Tensor of_bias = at::zeros({chunks, shape.outputs}, at::kFloat);
  const Tensor workspace = at::empty({chunks, loops.workspace(shape)}, at::kFloat);
  parallel_chunks(chunks, count, [&](int64_t chunk, int64_t begin, int64_t end) {
    loops.backward(shape, data(images), gradients, data(of_weight[chunk]), data(of_bias[chunk]),
                   data(workspace[chunk]), begin, end);
  });
  return {Tensor(), from_taps(of_weight.sum(0)), of_bias.sum(0)};
}

Gradients of_many_channels(const ConvolutionShape& shape, const Tensor& values,
                           const Tensor& weight, Results gradients, bool wants_values) {
  const int64_t kernel = weight.size(2), count = values.size(0);
  const int64_t chunks = chunk_count(count, MIN_IMAGES);
  const auto& loops = *winograd(kernel);
  const int64_t inputs = shape.inputs, outputs = shape.outputs;
  // [outputs][taps][inputs]
  const Tensor weights = channels_last(weight);
  const Tensor parts = parts_of(loops, weights, inputs, kernel * kernel * inputs, outputs, inputs);
  const Tensor of_parts = at::zeros({chunks, PARTS * loops.matrix(inputs, outputs)}, at::kFloat);
  const Tensor of_bias = at::zeros({chunks, outputs}, at::kFloat);
  const Tensor of_values = wants_values ? at::zeros_like(values) : Tensor();
  const Tensor workspace = at::empty({chunks, loops.workspace(shape)}, at::kFloat);
  parallel_chunks(chunks, count, [&](int64_t chunk, int64_t begin, int64_t end) {
    loops.backward(shape, data(values), data(parts), gradients, data(of_values),
                   data(of_parts[chunk]), data(of_bias[chunk]), data(workspace[chunk]), begin, end);
  });
  const Tensor sum = of_parts.sum(0);
  const Tensor of_weight = at::empty({kernel, kernel, inputs, outputs}, at::kFloat);
  parallel_chunks(chunk_count(inputs), inputs, [&](int64_t, int64_t begin, int64_t end) {
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
    // The winners already encode where the ReLU was inactive.
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

// Whether there is a kernel for such a convolution.
bool mnist_tch_convolution_supports(int64_t inputs, int64_t outputs, int64_t kernel) {
  using namespace mnist_tch;
  if (inputs == 1) {
    const auto* loops = one_channel(kernel);
    return loops && outputs % loops->width == 0;
  }
  const auto* loops = winograd(kernel);
  return loops && inputs % loops->width == 0 && outputs % loops->width == 0;
}

// The weight as `mnist_tch_convolution` takes it for inference.
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
    // The kernels do not check their arguments.
    TORCH_CHECK(values->device().is_cpu() && values->dim() == 4 && values->size(1) == inputs &&
                    mnist_tch_convolution_supports(inputs, weight->size(0), weight->size(2)),
                "there is no kernel for such a convolution");
    const auto shift = bias ? std::optional(*bias) : std::nullopt;
    const Options options{padding, pooled, relu};
    const bool needs_grad =
        values->requires_grad() || weight->requires_grad() || (shift && shift->requires_grad());
    if (at::GradMode::is_enabled() && needs_grad) {
      *result = new at::Tensor(Convolution::apply(*values, *weight, shift, options));
      return;
    }
    const auto own = channels_last(*values);
    *result = new at::Tensor(convolved(shape_of(own, *weight, options), weight->size(2), own,
                                       ready ? *ready : prepared(*weight), shift, at::Tensor()));
  });
}

}  // extern "C"
