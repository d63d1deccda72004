// One optimizer step over all weights at once, behind a C interface.
//
// tch's optimizers process the weights one by one, with a dozen small operations each. libtorch has
// fused optimizer steps, for which tch has no binding.

#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/zeros_like.h>

#include "../shim.h"

namespace {

std::vector<at::Tensor> list(const at::Tensor* const* tensors, size_t count) {
  std::vector<at::Tensor> all;
  all.reserve(count);
  for (size_t i = 0; i < count; ++i) all.push_back(*tensors[i]);
  return all;
}

// Returns null, or an error message to be released with free().
template <typename Action>
char* without_gradients(const Action& action) {
  return mnist_tch::guarded([&] {
    const at::NoGradGuard guard;
    action();
  });
}

// Moves the gradients out of the weights, so that the next step starts without any. Weights that
// the loss did not depend on have zero gradients.
std::vector<at::Tensor> take_gradients(const std::vector<at::Tensor>& weights) {
  std::vector<at::Tensor> gradients;
  gradients.reserve(weights.size());
  for (const auto& weight : weights) {
    gradients.push_back(weight.grad().defined() ? weight.grad() : at::zeros_like(weight));
    weight.mutable_grad().reset();
  }
  return gradients;
}

}  // namespace

extern "C" {

char* mnist_tch_adam(const at::Tensor* const* weights, const at::Tensor* const* means,
                     const at::Tensor* const* squares, const at::Tensor* const* steps, size_t count,
                     double learning_rate, double beta1, double beta2, double weight_decay,
                     double epsilon, bool decoupled) {
  return without_gradients([&] {
    auto all = list(weights, count);
    auto counters = list(steps, count);
    at::_foreach_add_(counters, 1);
    auto fused = [&](auto operation) {
      operation(all, take_gradients(all), list(means, count), list(squares, count),
                std::vector<at::Tensor>{}, counters, learning_rate, beta1, beta2, weight_decay,
                epsilon, /*amsgrad=*/false, /*maximize=*/false, std::nullopt, std::nullopt);
    };
    if (decoupled) {
      fused([](auto&&... arguments) { at::_fused_adamw_(arguments...); });
    } else {
      fused([](auto&&... arguments) { at::_fused_adam_(arguments...); });
    }
  });
}

char* mnist_tch_sgd(const at::Tensor* const* weights, const at::Tensor* const* momenta,
                    size_t count, double learning_rate, double momentum, double weight_decay,
                    bool first) {
  return without_gradients([&] {
    auto all = list(weights, count);
    at::_fused_sgd_(all, take_gradients(all), list(momenta, count), weight_decay, momentum,
                    learning_rate, /*dampening=*/0.0, /*nesterov=*/true, /*maximize=*/false, first);
  });
}

// Interpolates each average towards its weight by `share`.
char* mnist_tch_average(const at::Tensor* const* averages, const at::Tensor* const* weights,
                        size_t count, double share) {
  return without_gradients([&] { at::_foreach_lerp_(list(averages, count), list(weights, count), share); });
}

}  // extern "C"
