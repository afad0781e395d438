// Photos in and out of a city: what is taken, and who sees it.
#include "civic/photo_shelf.h"
#include "civic_city.h"
#include "photos.h"

namespace cityloop::civic {
namespace {

using testing::HasSubstr;
using testing::Not;

class MediaTest : public CivicCity {};

std::string media(const std::string& id) {
  return fmt::format(R"("media":["{}"])", id);
}

TEST_F(MediaTest, APhotoIsKeptWithoutItsPlaceWhichIsToldOnce) {
  const std::string sent = jpeg_with_exif(jpeg_of(640, 480), 6, true);
  const JsonValue taken = json(Method::post, "/public/v1/media", sent, {}, 201);
  EXPECT_NEAR(taken.find("place")->number_or("lat", 0), 30.25, 1e-9);
  EXPECT_EQ(taken.number_or("width", 0), 480);
  const std::string id = taken.text_or("id", "");
  EXPECT_TRUE(is_photo_id(id));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = base::read_file(entry.path()).value();
    for (const char* trace : {"ACME", "secret comment", "Exif"})
      EXPECT_THAT(bytes, Not(HasSubstr(trace))) << entry.path();
  }
  // Sent again it is the same one.
  EXPECT_EQ(json(Method::post, "/public/v1/media", sent, {}, 201).text_or("id", ""), id);
}

TEST_F(MediaTest, WhatIsNoPhotoIsRefusedClearly) {
  const std::pair<std::string, int> wrong[] = {
      {"<script>alert(1)</script>", 415},
      {"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415},
      {"", 415},
      {"GIF89a..............", 415},
      {png_bomb(60'000, 60'000), 422},
      {jpeg_bomb(65'000, 65'000), 422},
      {png_of(8000, 5000), 422},
      {jpeg_of(640, 480).substr(0, 900), 422},
      {png_of(640, 480).substr(0, 400), 422},
      {jpeg_of(16, 16) + std::string(15u << 20, ' '), 413},
      {std::string(50u << 20, 'x'), 413},
  };
  const std::string staff = token("operator");
  for (const auto& [bytes, status] : wrong) {
    const Response response = ask(Method::post, "/public/v1/media", bytes, {.type = "image/jpeg"});
    EXPECT_EQ(response.status, status) << bytes.size() << " " << response.body;
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(ask(Method::post, "/api/v1/media", bytes, {.token = staff}).status, status);
  }
  EXPECT_EQ(counter("civic_photos_refused"), 2.0 * double(std::size(wrong)));
  int kept = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "media"))
    kept += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(kept, 0);
}

TEST_F(MediaTest, OfManyAtOnceEachIsAnsweredAndTheLineIsShort) {
  const std::string large = jpeg_of(3000, 2000);
  std::vector<std::thread> phones;
  std::atomic<int> taken{0}, busy{0};
  for (int i = 0; i < 24; ++i) {
    phones.emplace_back([&] {
      const Response response = ask(Method::post, "/public/v1/media", large);
      if (response.status == 201) ++taken;
      if (response.status == 503 && !header(response, "Retry-After").empty()) ++busy;
    });
  }
  for (std::thread& phone : phones) phone.join();
  EXPECT_EQ(taken + busy, 24);
  EXPECT_GT(taken, 0);
}

TEST_F(MediaTest, OnlyWhoMaySeeACaseThatNamesItSeesAPhoto) {
  const std::string id = upload(jpeg_of(600, 400)), path = "/api/v1/media/" + id;
  const std::string op = token("operator"), lamp = token("worker", "lighting"), other = token("worker", "water");
  EXPECT_EQ(ask(Method::get, path, "", {.token = op}).status, 404);  // no case names it
  const JsonValue posted = post("light", "灯不亮", media(id));
  civic_->settle();
  act(only_case(), "take_up", {"operator"});
  const Response seen = ask(Method::get, path, "", {.token = op});
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.content_type, "image/jpeg");
  EXPECT_EQ(header(seen, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(ask(Method::get, path + "?size=thumb", "", {.token = lamp}).status, 200);
  EXPECT_LT(ask(Method::get, path + "?size=thumb", "", {.token = lamp}).body.size(), seen.body.size());
  EXPECT_EQ(ask(Method::get, path + "?size=huge", "", {.token = op}).status, 400);
  EXPECT_EQ(ask(Method::get, path, "", {.token = other}).status, 404);
  EXPECT_EQ(ask(Method::get, path, "", {.token = token("viewer")}).status, 403);
  EXPECT_EQ(ask(Method::get, path).status, 401);
  EXPECT_EQ(ask(Method::get, "/api/v1/media/../../accounts.json", "", {.token = op}).status, 404);
  // The reporter sees it by the link, the public not before it is approved.
  const std::string followed = "/public/v1/follow/" + posted.text_or("token", "") + "/media/" + id;
  EXPECT_EQ(ask(Method::get, followed).status, 200);
  EXPECT_EQ(ask(Method::get, "/public/v1/media/" + id).status, 404);
  EXPECT_EQ(
      ask(Method::get, "/public/v1/follow/" + posted.text_or("token", "") + "/media/" + std::string(64, 'b')).status,
      404);
}

TEST_F(MediaTest, StaffSeeWhatTheySentBeforeACaseNamesIt) {
  const std::string op = token("operator"), lamp = token("worker", "lighting");
  const std::string id = json(Method::post, "/api/v1/media", jpeg_of(60, 40), {.token = lamp}, 201).text_or("id", "");
  EXPECT_EQ(ask(Method::get, "/api/v1/media/" + id, "", {.token = lamp}).status, 200);
  EXPECT_EQ(ask(Method::get, "/api/v1/media/" + id, "", {.token = op}).status, 404);
  // A photo of staff is none that a citizen may name.
  EXPECT_EQ(ask(Method::post, "/public/v1/reports", report_body("light", "x", media(id))).status, 400);
  // A step's photo is seen by whoever sees the case.
  post("light", "灯不亮");
  const std::string in_case = only_case();
  act(in_case, "take_up", {"operator"});
  act(in_case, "accept", {"worker"}, "lighting");
  act(in_case, "report", {"worker"}, "lighting", fmt::format(R"({{"photos":["{}"]}})", id), "done");
  EXPECT_EQ(ask(Method::get, "/api/v1/media/" + id, "", {.token = op}).status, 200);
}

TEST_F(MediaTest, PhotosThatNoCaseNamesGoAfterADay) {
  const std::string unused = upload(jpeg_of(60, 40)), used = upload(jpeg_of(62, 40));
  const JsonValue posted = post("light", "x", media(used));
  civic_->settle();
  wall_.advance_to(wall_.now() + std::chrono::hours(25));
  sweep();
  const auto on_disk = [&](const std::string& id) {
    return std::filesystem::exists(folder_ / "media" / id.substr(0, 2) / (id + ".jpg"));
  };
  EXPECT_FALSE(on_disk(unused));
  EXPECT_TRUE(on_disk(used));
  EXPECT_EQ(ask(Method::post, "/public/v1/reports", report_body("light", "y", media(unused))).status, 400);
}

// What the public sees of a photo is what a moderator approved.
TEST_F(MediaTest, APhotoIsPublicOnceItIsApprovedAndNoLongerWhenItIsNot) {
  const std::string shown = upload(jpeg_of(60, 40)), kept = upload(jpeg_of(62, 40));
  const JsonValue posted = post("seen", "找我 13800138000", fmt::format(R"("media":["{}","{}"])", shown, kept));
  civic_->settle();
  const std::string op = token("operator"), id = only_case(), code = posted.text_or("code", "");
  JsonValue report = json(Method::get, "/public/v1/reports/" + code);
  EXPECT_EQ(report.find("text")->text(), nullptr);  // waits for a moderator
  const JsonValue waiting = json(Method::get, "/api/v1/moderation", "", {.token = op});
  ASSERT_EQ(waiting.number_or("total", 0), 1);
  const JsonValue& item = waiting.find("items")->array()->front();
  EXPECT_EQ(item.text_or("masked", ""), "找我 ***");
  EXPECT_EQ(item.find("found")->array()->front().text_or("what", ""), "phone");
  const std::string path = "/api/v1/moderation/" + id;
  json(Method::put, path, fmt::format(R"({{"shown":true,"photos":["{}"]}})", shown), {.token = op});
  civic_->settle();
  EXPECT_EQ(ask(Method::get, "/public/v1/media/" + shown).status, 200);
  EXPECT_EQ(ask(Method::get, "/public/v1/media/" + kept).status, 404);
  EXPECT_EQ(json(Method::get, "/public/v1/reports/" + code).text_or("text", ""), "找我 ***");
  EXPECT_EQ(json(Method::get, "/api/v1/moderation", "", {.token = op}).number_or("total", 9), 0);
  EXPECT_EQ(json(Method::get, "/api/v1/moderation?state=decided", "", {.token = op}).number_or("total", 9), 1);
  json(Method::put, path, R"({"shown":true,"text":"路上有坑"})", {.token = op});
  civic_->settle();
  EXPECT_EQ(json(Method::get, "/public/v1/reports/" + code).text_or("text", ""), "路上有坑");
  EXPECT_EQ(ask(Method::get, "/public/v1/media/" + shown).status, 404);
  json(Method::put, path, R"({"shown":false,"reason":"insult"})", {.token = op});
  civic_->settle();
  EXPECT_EQ(ask(Method::get, "/public/v1/reports/" + code).status, 404);
  EXPECT_FALSE(followed(posted.text_or("token", "")).boolean_or("public", true));
  for (const char* wrong : {"{", "{}", R"({"shown":"yes"})", R"({"shown":true,"photos":["aa"]})"})
    json(Method::put, path, wrong, {.token = op}, 400);
  // Who decided what stands in the log.
  const auto entity = twin_->get(flow::EntityId::lookup("urn:cityloop:Publication:" + id));
  ASSERT_TRUE(entity);
  EXPECT_EQ(entity->text(flow::Name("by")), "program:operator");
  // After a restart it is as before.
  close();
  open();
  EXPECT_EQ(ask(Method::get, "/public/v1/reports/" + code).status, 404);
}

// Every role at every route of staff: who may, and who is refused.
TEST_F(MediaTest, EveryRoleMayExactlyWhatIsItsOwn) {
  post("light", "灯不亮", R"("contact":{"email":"a@example.com"})");
  const std::string id = only_case();
  act(id, "take_up", {"operator"});
  struct Row {
    std::string role, department;
    std::vector<std::string> areas;
    int upload, list, decide, contact;
  };
  const Row rows[] = {
      {"operator", "", {}, 201, 200, 200, 200},        {"supervisor", "", {}, 201, 200, 200, 200},
      {"admin", "", {}, 201, 200, 200, 200},           {"dispatcher", "lighting", {}, 201, 200, 200, 200},
      {"dispatcher", "water", {}, 201, 200, 403, 403}, {"operator", "", {"north"}, 201, 200, 200, 200},
      {"operator", "", {"south"}, 201, 200, 403, 403}, {"worker", "lighting", {}, 201, 403, 403, 403},
      {"viewer", "", {}, 403, 403, 403, 403},          {"integrator", "", {}, 403, 403, 403, 403},
      {"data_officer", "", {}, 403, 403, 403, 403},    {"planner", "", {}, 403, 403, 403, 403},
      {"open311", "", {}, 403, 403, 403, 403},         {"", "", {}, 401, 401, 401, 401},
  };
  const std::string photo = jpeg_of(20, 20);
  for (const Row& row : rows) {
    const Ask who{.token = row.role.empty() ? "" : token(row.role, row.department, row.areas)};
    const std::string what = fmt::format("{} {} {}", row.role, row.department, row.areas.size());
    EXPECT_EQ(ask(Method::post, "/api/v1/media", photo, who).status, row.upload) << what;
    EXPECT_EQ(ask(Method::get, "/api/v1/moderation", "", who).status, row.list) << what;
    EXPECT_EQ(ask(Method::put, "/api/v1/moderation/" + id, R"({"shown":true})", who).status, row.decide) << what;
    EXPECT_EQ(ask(Method::get, "/api/v1/cases/" + id + "/contact", "", who).status, row.contact) << what;
  }
  // A list holds only what its reader may decide about.
  const Ask south{.token = token("operator", "", {"south"})};
  EXPECT_EQ(json(Method::get, "/api/v1/moderation?state=all", "", south).number_or("total", 9), 0);
  const Ask op{.token = token("operator")};
  EXPECT_EQ(ask(Method::put, "/api/v1/moderation/urn:ngsi-ld:Case:none", R"({"shown":true})", op).status, 404);
}

class LimitedTest : public CivicCity {
 protected:
  std::string toml() const override {
    return std::string(
               "[limits]\nproxies = [\"10.0.0.1\"]\n"
               "posts = { per_minute = 1, burst = 2 }\nuploads = { per_minute = 1, burst = 1 }\n"
               "reads = { per_minute = 1, burst = 3 }\nkeys = { per_minute = 1, burst = 2 }\n") +
           "[[service]]\ncode = \"light\"\nkind = \"lighting\"\nname = { zh = \"灯\", en = \"Light\" }\n";
  }
};

TEST_F(LimitedTest, WhoAsksTooOftenWaitsAndOthersDoNot) {
  const auto report = [&](const std::string& from) {
    return ask(Method::post, "/public/v1/reports", report_body("light", "x"), {.from = from});
  };
  EXPECT_EQ(report("192.0.2.1").status, 201);
  EXPECT_EQ(report("192.0.2.1").status, 201);
  const Response third = report("192.0.2.1");
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(header(third, "Retry-After"), "60");
  EXPECT_EQ(report("192.0.2.2").status, 201);
  EXPECT_EQ(counter("civic_posts_limited"), 1);
  wall_.advance_to(wall_.now() + std::chrono::seconds(61));
  EXPECT_EQ(report("192.0.2.1").status, 201);
  EXPECT_EQ(ask(Method::post, "/public/v1/media", jpeg_of(9, 9)).status, 201);
  EXPECT_EQ(ask(Method::post, "/public/v1/media", jpeg_of(9, 9)).status, 429);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(Method::get, "/public/v1/reports").status, 200);
  EXPECT_EQ(ask(Method::get, "/public/v1/map").status, 429);
  EXPECT_EQ(ask(Method::get, "/public/v1/follow/" + std::string(56, '0')).status, 429);  // guessing is slow
  const Response xml = ask(Method::get, "/open311/v2/requests.xml");
  EXPECT_EQ(xml.status, 429);
  EXPECT_THAT(xml.body, HasSubstr("<code>429</code>"));
}

TEST_F(LimitedTest, BehindAProxyOfOursTheOneBehindItCountsAndNobodyElsesWordIsTaken) {
  const auto report = [&](const std::string& from, const std::string& forwarded) {
    return ask(Method::post, "/public/v1/reports", report_body("light", "x"),
               {.from = from, .headers = {{"x-forwarded-for", forwarded}}})
        .status;
  };
  for (int i = 0; i < 6; ++i) EXPECT_EQ(report("10.0.0.1", fmt::format("203.0.113.{}", i)), 201);
  EXPECT_EQ(report("10.0.0.1", "1.2.3.4, 203.0.113.1"), 201);
  EXPECT_EQ(report("10.0.0.1", "5.6.7.8, 203.0.113.1"), 429);  // what the asker wrote before it counts for nothing
  EXPECT_EQ(report("192.0.2.9", "203.0.113.50"), 201);
  EXPECT_EQ(report("192.0.2.9", "203.0.113.51"), 201);
  EXPECT_EQ(report("192.0.2.9", "203.0.113.52"), 429);  // no proxy of ours
}

}  // namespace
}  // namespace cityloop::civic
