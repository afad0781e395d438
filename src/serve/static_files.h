// The pages' files, read once into memory: names with a hash may be kept for ever, what has none is asked for each
// time. A path that names no file is a page (its router decides): /c, /c/… and /r/… are the citizens' and answer with
// citizen.html, all others the console's, index.html.
//
// Where the build left FILE.gz and FILE.br beside a file, a browser that takes them is given those.
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
    bool hashed{false};
    std::string brotli, gzip;  // empty: none
  };
  using Files = std::map<std::string, File, std::less<>>;  // by path, "/index.html"
  static net::Response answer(const File&, const net::Request&);

  std::shared_ptr<Files> files_;
};

}  // namespace cityloop::serve
