// Links libtorch and adds two numbers: a lower bound on the start-up time of any program on libtorch.

#include <ATen/core/Tensor.h>
#include <ATen/ops/add.h>
#include <ATen/ops/ones.h>

#include <cstdio>

int main() {
  const at::Tensor sum = at::add(at::ones({1}), at::ones({1}));
  std::printf("%.0f\n", sum.item<double>());
}
