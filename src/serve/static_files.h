// The console's files, read once into memory: names with a hash may be kept for ever, index.html is asked for each
// time. A path that names no file is a page of the console (its router decides), so it answers with index.html.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "net/router.h"

namespace cityloop::serve {

class StaticFiles {
 public:
  // An absent folder gives a page that says how to build the console.
  static StaticFiles load(const std::string& folder);
  void add_to(net::Router&) const;

 private:
  struct File {
    std::string content;
    std::string type;
    bool hashed;
  };
  std::shared_ptr<std::map<std::string, File, std::less<>>> files_;  // by path, "/index.html"
};

}  // namespace cityloop::serve
