// How our C++ reports errors to Rust; see shim.rs.

#pragma once

#include <cstring>
#include <exception>

namespace mnist_tch {

// Calls `action`. Returns null, or an error message to be released with free().
template <typename Action>
char* guarded(const Action& action) {
  try {
    action();
    return nullptr;
  } catch (const std::exception& error) {
    return strdup(error.what());
  } catch (...) {
    return strdup("an error of unknown kind");
  }
}

}  // namespace mnist_tch
