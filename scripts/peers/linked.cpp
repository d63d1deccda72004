// Links libtorch and adds two numbers: what no program on libtorch can start faster than.

#include <ATen/ATen.h>

#include <cstdio>

int main() {
  const at::Tensor sum = at::ones({1}) + at::ones({1});
  std::printf("%.0f\n", sum.item<double>());
}
