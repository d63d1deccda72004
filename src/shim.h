// How our C++ answers Rust: shim.rs reads it.

#pragma once

#include <cstring>
#include <exception>

namespace mnist_tch {

// Calls `action`. Returns null, or what went wrong: a string for free().
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
