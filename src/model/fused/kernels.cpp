// See kernels.h. Compiled once for each instruction set, with its name as INSTRUCTIONS.

#include "kernels.h"

#include "../simd/max4.h"

namespace mnist_tch {
namespace INSTRUCTIONS {
namespace {

template <int N>
inline Floats<N> load(const float32* from) {
  return read<Floats<N>>(from);
}

template <int N>
inline Floats<N> load(const bfloat16* from) {
  const auto upper = __builtin_convertvector(read<Halves<N>>(from), Words<N>) << 16;
  return (Floats<N>)upper;
}

// For values that the type can hold.
template <int N>
inline void store_exactly(float32* to, Floats<N> values) {
  write(to, values);
}

template <int N>
inline void store_exactly(bfloat16* to, Floats<N> values) {
  write(to, __builtin_convertvector((Words<N>)values >> 16, Halves<N>));
}

template <int N>
inline void store(float32* to, Floats<N> values) {
  write(to, values);
}

// Rounds to nearest, ties to even; NaN stays NaN.
template <int N>
inline void store(bfloat16* to, Floats<N> values) {
  const auto bits = (Words<N>)values;
  const Words<N> rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const Words<N> nan = rounded - rounded + 0x7fc0;
  write(to, __builtin_convertvector(values == values ? rounded : nan, Halves<N>));
}

// Calls `action` for each vector of a pixel's channels, with its first channel and its width.
template <typename Action>
[[gnu::always_inline]] inline void in_parts(int64_t channels, const Action& action) {
  int64_t c = 0;
  for (; c + WIDTH <= channels; c += WIDTH) action(c, Count<WIDTH>{});
  for (; c + WIDTH / 2 <= channels; c += WIDTH / 2) action(c, Count<WIDTH / 2>{});
  for (; c < channels; ++c) action(c, Count<1>{});
}

template <bool WITH_WINNERS, typename T>
void pool(const T* values, T* pooled, uint8_t* winners, Extent image, float floor, int64_t begin,
          int64_t end) {
  const int64_t height = image.height, width = image.width, channels = image.channels;
  const int64_t rows = height / 2, columns = width / 2;
  for (int64_t row = begin * rows; row < end * rows; ++row) {
    const T* upper = values + (row / rows * height + row % rows * 2) * width * channels;
    for (int64_t column = 0; column < columns; ++column, upper += 2 * channels) {
      const T* lower = upper + width * channels;
      const int64_t place = (row * columns + column) * channels;
      in_parts(channels, [&](int64_t c, auto count) __attribute__((always_inline)) {
        constexpr int N = count.value;
        const auto best = max4<N>(load<N>(upper + c), load<N>(upper + channels + c),
                                      load<N>(lower + c), load<N>(lower + channels + c), floor);
        store_exactly<N>(pooled + place + c, best.value);
        if constexpr (WITH_WINNERS) write_winner<N>(winners + place + c, best.winner);
      });
    }
  }
}

template <typename T>
void pool_backward(const T* gradients, const uint8_t* winners, T* values, Extent image,
                   int64_t begin, int64_t end) {
  const int64_t height = image.height, width = image.width, channels = image.channels;
  const int64_t rows = height / 2, columns = width / 2;
  for (int64_t n = begin; n < end; ++n) {
    for (int64_t row = 0; row < rows; ++row) {
      T* upper = values + (n * height + row * 2) * width * channels;
      T* lower = upper + width * channels;
      for (int64_t column = 0; column < columns; ++column) {
        const int64_t place = ((n * rows + row) * columns + column) * channels;
        T* corners[] = {upper, upper + channels, lower, lower + channels};
        in_parts(channels, [&](int64_t c, auto count) __attribute__((always_inline)) {
          constexpr int N = count.value;
          const auto gradient = load<N>(gradients + place + c);
          const auto winner = read_winner<N>(winners + place + c);
          for (int corner = 0; corner < 4; ++corner) {
            store_exactly<N>(corners[corner] + c, winner == corner ? gradient : Floats<N>{});
          }
        });
        upper += 2 * channels;
        lower += 2 * channels;
      }
      // An odd last column is in no window.
      if (width % 2 != 0) {
        std::memset(upper, 0, channels * sizeof(T));
        std::memset(lower, 0, channels * sizeof(T));
      }
    }
    T* bottom = values + (n * height + 2 * rows) * width * channels;
    std::memset(bottom, 0, (height - 2 * rows) * width * channels * sizeof(T));
  }
}

// Pixels that are summed before they are added to the total: few enough to stay in the cache over
// all vectors of their channels.
constexpr int64_t BLOCK = 64;

// Adds what `terms` returns for each pixel to each channel's `sums` and `others`.
template <typename Terms>
[[gnu::always_inline]] inline void two_sums(int64_t channels, int64_t begin, int64_t end,
                                            float* sums, float* others, const Terms& terms) {
  for (int64_t block = begin; block < end; block += BLOCK) {
    const int64_t block_end = block + BLOCK < end ? block + BLOCK : end;
    in_parts(channels, [&](int64_t c, auto count) __attribute__((always_inline)) {
      constexpr int N = count.value;
      Floats<N> sum{}, other{};
      for (int64_t pixel = block; pixel < block_end; ++pixel) {
        terms(pixel * channels + c, c, count, sum, other);
      }
      write(sums + c, read<Floats<N>>(sums + c) + sum);
      write(others + c, read<Floats<N>>(others + c) + other);
    });
  }
}

// The normalised channels from c on, before the ReLU.
template <int N>
inline Floats<N> normalised(Floats<N> x, Normalisation forward, int64_t c) {
  return x * read<Floats<N>>(forward.scale + c) + read<Floats<N>>(forward.shift + c);
}

// The gradient before the ReLU, from that after it.
template <int N, typename T>
inline Floats<N> through_relu(const T* gradients, Floats<N> x, Normalisation forward, int64_t c) {
  const Mask<N> dead = normalised<N>(x, forward, c) <= forward.floor;
  return dead ? Floats<N>{} : load<N>(gradients);
}

template <typename T>
void sums(const T* x, const float* origin, float* sums, float* squares, int64_t channels,
          int64_t begin, int64_t end) {
  two_sums(channels, begin, end, sums, squares,
           [=](int64_t place, int64_t c, auto count, auto& sum, auto& square)
               __attribute__((always_inline)) {
                 constexpr int N = count.value;
                 const auto value = load<N>(x + place) - read<Floats<N>>(origin + c);
                 sum += value;
                 square += value * value;
               });
}

template <typename T>
void scale(const T* x, Normalisation forward, T* y, int64_t channels, int64_t begin, int64_t end) {
  for (int64_t place = begin * channels; place < end * channels; place += channels) {
    in_parts(channels, [&](int64_t c, auto count) __attribute__((always_inline)) {
      constexpr int N = count.value;
      const auto value = normalised<N>(load<N>(x + place + c), forward, c);
      store<N>(y + place + c, value <= forward.floor ? all<N>(forward.floor) : value);
    });
  }
}

template <typename T>
void gradient_sums(const T* gradients, const T* x, Normalisation forward, const float* origin,
                   float* sums, float* products, int64_t channels, int64_t begin, int64_t end) {
  two_sums(channels, begin, end, sums, products,
           [=](int64_t place, int64_t c, auto count, auto& sum, auto& product)
               __attribute__((always_inline)) {
                 constexpr int N = count.value;
                 const auto value = load<N>(x + place);
                 const auto gradient = through_relu<N>(gradients + place, value, forward, c);
                 sum += gradient;
                 product += gradient * (value - read<Floats<N>>(origin + c));
               });
}

template <typename T>
void scale_backward(const T* gradients, const T* x, Normalisation forward, const float* slope,
                    const float* shift, T* result, int64_t channels, int64_t begin, int64_t end) {
  for (int64_t place = begin * channels; place < end * channels; place += channels) {
    in_parts(channels, [&](int64_t c, auto count) __attribute__((always_inline)) {
      constexpr int N = count.value;
      const auto value = load<N>(x + place + c);
      const auto gradient = through_relu<N>(gradients + place + c, value, forward, c);
      store<N>(result + place + c, gradient * read<Floats<N>>(forward.scale + c) +
                                       value * read<Floats<N>>(slope + c) +
                                       read<Floats<N>>(shift + c));
    });
  }
}

template <typename T>
constexpr Kernels<T> ALL{pool<false, T>, pool<true, T>,    pool_backward<T>, sums<T>,
                         scale<T>,       gradient_sums<T>, scale_backward<T>};

}  // namespace

const Kernels<float32>& of_float32() { return ALL<float32>; }
const Kernels<bfloat16>& of_bfloat16() { return ALL<bfloat16>; }

}  // namespace INSTRUCTIONS
}  // namespace mnist_tch
