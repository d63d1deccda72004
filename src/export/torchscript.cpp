// Builds a TorchScript module with named parameters, behind a C interface.
//
// tch can only trace, and a trace freezes dropout, stores the weights as constants and has an empty
// state_dict(). This is the part of libtorch's C++ interface that tch does not bind.

#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/export.h>

#include "../shim.h"

namespace {

using torch::jit::Module;

// An empty module of its own class, in evaluation mode, that train() and eval() can switch.
Module new_module(const std::string& name, const std::shared_ptr<torch::jit::CompilationUnit>& unit) {
  Module module(c10::QualifiedName("__torch__.mnist_tch." + name), unit);
  module.register_attribute("training", c10::BoolType::get(), false);
  return module;
}

}  // namespace

extern "C" {

struct mnist_tch_weight {
  const char* layer;    // "conv1", or "member0.conv1" where there are several networks
  const char* name;     // "weight"
  const at::Tensor* tensor;
  bool learned;         // a parameter, else a buffer
};

// Returns the program in memory, to be released with free(): writing a file, libtorch terminates
// the process if the disk is full. Returns null, or an error message to be released with free().
//
// `source` defines the methods of the program.
char* mnist_tch_torchscript(const char* source, const mnist_tch_weight* weights, size_t count,
                            const char* extra_name, const char* extra_content,
                            unsigned char** program, size_t* length) {
  return mnist_tch::guarded([&] {
    auto unit = std::make_shared<torch::jit::CompilationUnit>();
    Module net = new_module("Net", unit);
    std::map<std::string, Module> layers;    // by path: "conv1", or "member0.conv1"
    std::map<std::string, Module> members;
    auto found = [&](std::map<std::string, Module>& modules, const std::string& path) -> Module& {
      auto module = modules.find(path);
      if (module == modules.end()) module = modules.emplace(path, new_module(path, unit)).first;
      return module->second;
    };
    for (size_t i = 0; i < count; ++i) {
      const mnist_tch_weight& weight = weights[i];
      Module& layer = found(layers, weight.layer);
      // A copy, so that the module does not share the caller's gradients.
      at::Tensor tensor = weight.tensor->detach().clone();
      if (weight.learned) {
        layer.register_parameter(weight.name, tensor.requires_grad_(true), false);
      } else {
        layer.register_buffer(weight.name, tensor);
      }
    }
    for (auto& [path, layer] : layers) {
      const size_t dot = path.find('.');
      if (dot == std::string::npos) {
        net.register_module(path, layer);
      } else {
        found(members, path.substr(0, dot)).register_module(path.substr(dot + 1), layer);
      }
    }
    for (auto& [name, member] : members) net.register_module(name, member);
    net.define(source);
    torch::jit::ExtraFilesMap extra{{extra_name, extra_content}};
    std::ostringstream stream;
    net.save(stream, extra);
    const std::string bytes = stream.str();
    *program = static_cast<unsigned char*>(malloc(bytes.size()));
    if (*program == nullptr) throw std::runtime_error("out of memory");
    memcpy(*program, bytes.data(), bytes.size());
    *length = bytes.size();
  });
}

}  // extern "C"
