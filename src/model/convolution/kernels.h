// Loops of convolutions with kernels of 3×3 and 5×5 and stride 1, over floats that lie channels
// last.
//
// They do with a third of the multiplications and less, by Winograd's minimal filtering (Lavin and
// Gray, "Fast Algorithms for Convolutional Neural Networks", 2015): squares of 6×6 values, a
// kernel, and the square of results that comes of them are each taken to 36 parts, in which the
// convolution is one product a part. Over all squares and channels these are 36 products of
// matrices, one row a square. The gradients go through the same maps, transposed.
//
// kernels.cpp is compiled once for each set of instructions; `winograd()` and `one_channel()` give
// the best that this processor has.

#pragma once

#include <cstdint>

namespace mnist_tch {

struct ConvolutionShape {
  // Of an image's values.
  int64_t height, width, inputs;
  // Of its results.
  int64_t rows, columns, outputs;
  // Pixels of zero around an image.
  int64_t padding;
  // Squares of results in an image; a last row or column of them may reach beyond it.
  int64_t down, across;
  // Whether only the greatest result of each 2×2 square is kept, and it no less than `floor`.
  bool pooled;
  float floor;
};

// A value for each part: 6×6.
constexpr int64_t PARTS = 36;

// Results or their gradients. Where they are pooled, `winners` has which of four each of them is;
// it may be null where nobody will want to know.
struct Results {
  float* values;
  uint8_t* winners;
};

struct Winograd {
  // Height and width of a square of results.
  int64_t step;
  // Channels have to be a multiple of this.
  int64_t width;
  // Floats that a matrix takes. Its columns lie in groups, as the products want them.
  int64_t (*matrix)(int64_t rows, int64_t columns);
  // Floats that a thread's share takes beside what it is given.
  int64_t (*space)(const ConvolutionShape& shape);

  // Takes kernels to their parts: a matrix each, of which rows from `begin` to `end` are filled.
  // Taps, rows and columns lie `tap`, `row` and 1 floats apart.
  void (*weights_to_parts)(const float* weights, int64_t tap, int64_t row, int64_t rows,
                           int64_t columns, float* parts, int64_t begin, int64_t end);
  // The transposed map: [taps][rows][columns] from parts.
  void (*parts_to_weights)(const float* parts, int64_t rows, int64_t columns, float* weights,
                           int64_t begin, int64_t end);

  // The results of squares from `begin` to `end`, counted through all images. Weights are parts
  // with a row for each input; the bias may be null.
  void (*forward)(const ConvolutionShape& shape, const float* values, const float* weights,
                  const float* bias, Results results, float* space, int64_t begin, int64_t end);
  // Gradients from those of the results, for images from `begin` to `end`. Those of the values are
  // added to zeros, unless they are null; those of weights (as parts with a row for each input) and
  // of the bias are added to what is there. Weights are parts with a row for each output.
  void (*backward)(const ConvolutionShape& shape, const float* values, const float* weights,
                   Results gradients, float* of_values, float* of_weights, float* of_bias,
                   float* space, int64_t begin, int64_t end);
};

// For images of one channel, where nothing is to be saved. Weights are [taps][outputs]; begin and
// end count images.
struct OneChannel {
  // Outputs have to be a multiple of this.
  int64_t width;
  // Floats that a thread's share takes beside what it is given.
  int64_t (*space)(const ConvolutionShape& shape);
  void (*forward)(const ConvolutionShape& shape, const float* images, const float* weights,
                  const float* bias, Results results, float* space, int64_t begin, int64_t end);
  // Adds the gradients of weights and bias to what is there.
  void (*backward)(const ConvolutionShape& shape, const float* images, Results gradients,
                   float* of_weights, float* of_bias, float* space, int64_t begin, int64_t end);
};

// For kernels of 3×3 and 5×5; null for others.
const Winograd* winograd(int64_t kernel);
const OneChannel* one_channel(int64_t kernel);

}  // namespace mnist_tch
