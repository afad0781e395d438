// Which file answers which path, for the console and for citizens, plain and packed.
#include "serve/static_files.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace cityloop::serve {
namespace {

class StaticFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-pages-{}", ::getpid());
    std::filesystem::remove_all(folder_);
    put("index.html", "console");
    put("citizen.html", "citizens");
    put("assets/big-1a2b.js", "let big = 1;");
    put("assets/big-1a2b.js.gz", "GZIP");
    put("assets/big-1a2b.js.br", "BROTLI");
    put("sw.js", "worker");
    StaticFiles::load(folder_.string()).add_to(router_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void put(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << content;
  }
  net::Response get(const std::string& path, const std::string& accepted = "") const {
    net::Request request;
    request.path = path;
    if (!accepted.empty()) request.headers.emplace_back("accept-encoding", accepted);
    net::Response out;
    router_.dispatch(request, net::Reply([&](net::Response response) { out = std::move(response); }));
    return out;
  }
  static std::string header(const net::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }

  std::filesystem::path folder_;
  net::Router router_;
};

TEST_F(StaticFilesTest, CitizensPagesHaveAnEntryOfTheirOwn) {
  for (const char* path : {"/c", "/c/", "/c/report/photo", "/r/abc.def"}) EXPECT_EQ(get(path).body, "citizens") << path;
  for (const char* path : {"/", "/cases", "/call", "/rules", "/index.html"})
    EXPECT_EQ(get(path).body, "console") << path;
  EXPECT_EQ(get("/c").content_type, "text/html; charset=utf-8");
}

TEST_F(StaticFilesTest, EveryPageHasTheSameStrictPolicy) {
  const std::string policy = header(get("/"), "Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'self'"), std::string::npos);
  EXPECT_EQ(policy.find("'unsafe-eval'"), std::string::npos);
  for (const char* path : {"/c", "/r/abc", "/sw.js", "/assets/big-1a2b.js"}) {
    EXPECT_EQ(header(get(path), "Content-Security-Policy"), policy) << path;
    EXPECT_EQ(header(get(path), "X-Content-Type-Options"), "nosniff") << path;
  }
}

TEST_F(StaticFilesTest, AFollowLinkIsNotToBeIndexed) {
  EXPECT_NE(header(get("/r/abc"), "X-Robots-Tag").find("noindex"), std::string::npos);
  EXPECT_EQ(header(get("/c"), "X-Robots-Tag"), "");
}

TEST_F(StaticFilesTest, WhoTakesPackedFilesIsGivenThem) {
  const char* const path = "/assets/big-1a2b.js";
  EXPECT_EQ(get(path).body, "let big = 1;");
  EXPECT_EQ(header(get(path), "Content-Encoding"), "");
  EXPECT_EQ(header(get(path), "Vary"), "Accept-Encoding");
  const auto gzip = get(path, "gzip, deflate");
  EXPECT_EQ(gzip.body, "GZIP");
  EXPECT_EQ(header(gzip, "Content-Encoding"), "gzip");
  EXPECT_EQ(gzip.content_type, "text/javascript");
  EXPECT_EQ(get(path, "gzip, deflate, br").body, "BROTLI");
  EXPECT_EQ(get(path, "br;q=0, gzip;q=0.5").body, "GZIP");
  EXPECT_EQ(get(path, "brotli").body, "let big = 1;");
  EXPECT_EQ(get("/sw.js", "gzip, br").body, "worker");
  EXPECT_EQ(get("/assets/big-1a2b.js.gz").status, 404);  // a form of a file is no file
}

TEST_F(StaticFilesTest, AnUnknownRouteOfAProgramIsNoPage) {
  for (const char* path : {"/api/v1/nothing", "/public/v1/nothing", "/open311/v2/nothing", "/assets/gone.js"})
    EXPECT_EQ(get(path).status, 404) << path;
}

TEST(StaticFiles, WithoutABuildItSaysHowToBuild) {
  net::Router router;
  StaticFiles::load("/nowhere/at/all").add_to(router);
  net::Request request;
  request.path = "/c";
  net::Response out;
  router.dispatch(request, net::Reply([&](net::Response response) { out = std::move(response); }));
  EXPECT_NE(out.body.find("./city build"), std::string::npos);
}

}  // namespace
}  // namespace cityloop::serve
