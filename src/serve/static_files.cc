#include "serve/static_files.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/file.h"

namespace cityloop::serve {
namespace {

constexpr const char* kPolicy =
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'";

std::string_view type_of(const std::filesystem::path& path) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {{".html", "text/html; charset=utf-8"},
                                                                      {".js", "text/javascript"},
                                                                      {".mjs", "text/javascript"},
                                                                      {".css", "text/css"},
                                                                      {".svg", "image/svg+xml"},
                                                                      {".png", "image/png"},
                                                                      {".json", "application/json"},
                                                                      {".woff2", "font/woff2"},
                                                                      {".ico", "image/x-icon"},
                                                                      {".map", "application/json"},
                                                                      {".webmanifest", "application/manifest+json"}};
  for (const auto& [ending, type] : kTypes) {
    if (path.extension() == ending) return type;
  }
  return "application/octet-stream";
}

bool is_citizens(std::string_view path) {
  return path == "/c" || path.starts_with("/c/") || path == "/r" || path.starts_with("/r/");
}

bool is_program(std::string_view path) {
  constexpr std::string_view kRooms[] = {"/api/", "/ngsi-ld/", "/public/", "/open311/", "/assets/"};
  return std::any_of(std::begin(kRooms), std::end(kRooms),
                     [&](std::string_view room) { return path.starts_with(room); });
}

// Whether `coding` is among those of an Accept-Encoding, and not by "q=0".
bool takes(std::string_view accepted, std::string_view coding) {
  while (!accepted.empty()) {
    std::string_view one = accepted.substr(0, accepted.find(','));
    accepted.remove_prefix(std::min(accepted.size(), one.size() + 1));
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (!one.starts_with(coding)) continue;
    const std::string_view rest = one.substr(coding.size());
    if (rest.empty() || rest.front() == ' ') return true;
    if (rest.front() == ';') return rest != ";q=0" && !rest.starts_with(";q=0;") && rest != ";q=0.0";
  }
  return false;
}

}  // namespace

StaticFiles StaticFiles::load(const std::string& folder) {
  StaticFiles out;
  out.files_ = std::make_shared<Files>();
  std::vector<std::string> packed;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (!entry.is_regular_file()) continue;
    const std::string path = "/" + std::filesystem::relative(entry.path(), folder).generic_string();
    if (path.ends_with(".br") || path.ends_with(".gz")) {
      packed.push_back(path);
    } else if (auto content = base::read_file(entry.path())) {
      (*out.files_)[path] = {.content = std::move(*content),
                             .type = std::string(type_of(entry.path())),
                             .hashed = path.starts_with("/assets/")};
    }
  }
  for (const std::string& path : packed) {
    const auto whole = out.files_->find(path.substr(0, path.size() - 3));
    if (whole == out.files_->end()) continue;
    if (auto content = base::read_file(folder + path))
      (path.ends_with(".br") ? whole->second.brotli : whole->second.gzip) = std::move(*content);
  }
  if (!out.files_->contains("/index.html")) {
    (*out.files_)["/index.html"] = {
        .content =
            "<!doctype html><meta charset=utf-8><title>Cityloop</title><p>控制台尚未构建：./city build<p>The "
            "console is not built yet: ./city build",
        .type = "text/html; charset=utf-8"};
  }
  return out;
}

net::Response StaticFiles::answer(const File& file, const net::Request& request) {
  net::Response response;
  const std::string_view accepted = request.header("accept-encoding");
  const bool brotli = !file.brotli.empty() && takes(accepted, "br");
  const bool gzip = !brotli && !file.gzip.empty() && takes(accepted, "gzip");
  response.body = brotli ? file.brotli : gzip ? file.gzip : file.content;
  response.content_type = file.type;
  response.headers = {{"Cache-Control", file.hashed ? "public, max-age=31536000, immutable" : "no-cache"},
                      {"Content-Security-Policy", kPolicy},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "same-origin"}};
  if (!file.brotli.empty() || !file.gzip.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (brotli || gzip) response.headers.emplace_back("Content-Encoding", brotli ? "br" : "gzip");
  // A follow link is a secret: no machine that comes by writes it into an index.
  if (request.path.starts_with("/r/")) response.headers.emplace_back("X-Robots-Tag", "noindex, noarchive");
  return response;
}

void StaticFiles::add_to(net::Router& router) const {
  router.add(net::Method::get, "/{rest...}", [files = files_](const net::Request& request, net::Reply reply) {
    auto found = files->find(request.path);
    if (found == files->end()) {
      if (is_program(request.path)) return reply(net::problem(404, "not found", request.path));
      if (is_citizens(request.path)) found = files->find("/citizen.html");
      if (found == files->end()) found = files->find("/index.html");
    }
    reply(answer(found->second, request));
  });
}

}  // namespace cityloop::serve
