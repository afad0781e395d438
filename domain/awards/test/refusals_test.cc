// Every refusal that a page can cause is said in both languages: Access::ask looks at each. Here they are caused, seat
// by seat, at each time of a cycle.
#include "access.h"

namespace cityloop::awards {
namespace {

class Refusals : public Access {
 protected:
  struct Wrong {
    Method method{};
    std::string path, body;
    int status{};
  };
  void each(const std::string& who, const std::vector<Wrong>& all) {
    for (const Wrong& one : all)
      EXPECT_EQ(status(one.method, "/api/v1/awards/" + one.path, who, one.body), one.status)
          << one.path << " " << one.body;
  }
  std::string received(const std::string& who, const std::string& title) {
    std::string id = entered(who, title);
    must(Method::post, "/api/v1/awards/entries/" + id + "/submit", who);
    return id;
  }
};

TEST_F(Refusals, ADraftIsRefusedInBothLanguages) {
  each("applicant", {{Method::post, "entries", R"({"cycle":"test-2026"})", 409},
                     {Method::put, "profile", R"({"unit":{}})", 400},
                     {Method::put, "profile", R"({"unit":{"en":"A"},"language":"fr"})", 400},
                     {Method::put, "profile", R"({"unit":{"en":"A"},"city":1})", 400},
                     {Method::put, "profile", R"({"unit":{"en":"A"},"unitCode":")" + std::string(50, 'x') + "\"}", 400},
                     {Method::get, "cycles/none", "", 404}});
  const std::string id = entered("applicant", "bridge"), entry = "entries/" + id;
  must(Method::put, "/api/v1/awards/" + entry, "applicant", R"({"revision":1,"answers":{}})");
  each("applicant", {{Method::post, "entries", R"({"cycle":"none"})", 404},
                     {Method::post, "entries", R"({"cycle":"test-2026","category":"none"})", 400},
                     {Method::get, "entries/none", "", 404},
                     {Method::put, entry, R"({"revision":7})", 409},
                     {Method::put, entry, "{}", 400},
                     {Method::put, entry, "[]", 400},
                     {Method::put, entry, R"({"revision":2,"category":"none"})", 400},
                     {Method::put, entry, R"({"revision":2,"answers":[]})", 400},
                     {Method::put, entry, R"({"revision":2,"answers":{"none":1,"title":"x","people":"x"}})", 400},
                     {Method::post, entry + "/submit", "", 422},
                     {Method::post, entry + "/answers", "{}", 409},
                     {Method::post, entry + "/transfer", "{}", 400},
                     {Method::post, entry + "/transfer", R"({"agree":true})", 409},
                     {Method::post, entry + "/withdraw", "", 409},
                     {Method::post, entry + "/confirm", "", 409},
                     {Method::put, entry + "/publication", R"({"optOut":1})", 400},
                     {Method::put, entry + "/publication", R"({"consents":1})", 400},
                     {Method::put, entry + "/publication", R"({"consents":["none"]})", 400},
                     {Method::get, entry + "/receipts/1", "", 404},
                     {Method::get, entry + "/certificate.pdf", "", 409},
                     {Method::get, entry + "/files/none", "", 404},
                     {Method::del, entry + "/files/none", "", 404}});
}

TEST_F(Refusals, AFileIsRefusedInBothLanguages) {
  const std::string id = entered("applicant", "bridge"), uploads = "entries/" + id + "/uploads";
  each("applicant", {{Method::post, uploads, R"({"slot":"none","name":"a","bytes":1})", 400},
                     {Method::post, uploads, R"({"slot":"case","name":"a","bytes":-1})", 400},
                     {Method::post, uploads, R"({"slot":"case","name":"a","bytes":0})", 400},
                     {Method::post, uploads, R"({"slot":"case","name":"","bytes":1})", 400},
                     {Method::post, uploads, R"({"slot":"case","name":"a","bytes":1,"sha256":"x"})", 400},
                     {Method::post, uploads, R"({"slot":"case","name":"a","bytes":9000000})", 400}});
  for (int i = 0; i < 3; ++i) uploaded("applicant", id);
  each("applicant", {{Method::post, uploads, R"({"slot":"case","name":"a","bytes":1})", 409}});
  const std::string other = entered("rival", "tunnel");
  const std::string upload = "uploads/" + must(Method::post, "/api/v1/awards/entries/" + other + "/uploads", "rival",
                                               R"({"slot":"case","name":"a.pdf","bytes":9})")
                                              .text_or("id", "");
  each("rival", {{Method::put, "uploads/none/0", "x", 404},
                 {Method::put, upload + "/x", "x", 400},
                 {Method::put, upload + "/5", "x", 409},
                 {Method::put, upload + "/0", "more than nine", 400},
                 {Method::post, upload + "/finish", "", 409},
                 {Method::post, "entries/" + other + "/submit", "", 422}});
}

TEST_F(Refusals, WhatComesTooLateIsRefusedInBothLanguages) {
  const std::string draft = entered("applicant", "bridge"), entry = "entries/" + received("rival", "tunnel");
  time_is("2026-06-16T00:00:00Z");
  each("applicant", {{Method::post, "entries/" + draft + "/submit", "", 409},
                     {Method::post, "entries", R"({"cycle":"test-2026"})", 409},
                     {Method::post, "entries/" + draft + "/uploads", R"({"slot":"case","name":"a","bytes":1})", 409}});
  each("rival", {{Method::del, entry, "", 409},
                 {Method::put, entry, R"({"revision":1,"answers":{}})", 409},
                 {Method::post, entry + "/confirm", "", 409}});
  time_is("2026-01-01T00:00:00Z");
}

TEST_F(Refusals, TheSecretaryIsRefusedInBothLanguages) {
  const std::string id = received("applicant", "bridge"), one = "proposals/" + id, step = one + "/steps";
  const std::string cycle = "cycles/test-2026/";
  each("secretary", {{Method::get, "cycles/none/desk", "", 404},
                     {Method::get, "proposals/none", "", 404},
                     {Method::get, one + "/files/none", "", 404},
                     {Method::get, one + "/certificate.pdf", "", 409},
                     {Method::post, step, R"({"verb":"none"})", 400},
                     {Method::post, step, R"({"verb":"reject_entry"})", 400},
                     {Method::post, step, R"({"verb":"transfer"})", 409},
                     {Method::post, step, R"({"verb":"end_questions"})", 409},
                     {Method::post, step, R"({"verb":"announce_transfer","note":"x","category":"city"})", 400},
                     {Method::post, step, R"({"verb":"accept_entry","note":")" + std::string(5000, 'x') + "\"}", 400},
                     {Method::post, one + "/masking/release", "{}", 409},
                     {Method::put, cycle + "jurors/program:juror", "{}", 400},
                     {Method::put, cycle + "jurors/program:juror", R"({"name":"J","loadMax":-1})", 400},
                     {Method::put, cycle + "jurors/program:juror", R"({"name":"J","cities":1})", 400},
                     {Method::put, cycle + "jurors/program:juror", R"({"name":"J","cities":[1]})", 400},
                     {Method::post, cycle + "assignments", R"({"fixed":1})", 400},
                     {Method::post, cycle + "assignments", R"({"fixed":[{}]})", 400},
                     {Method::post, cycle + "assignments", R"({"fixed":[{"proposal":"none","juror":"none"}]})", 404},
                     {Method::post, cycle + "nominations", R"({"prize":"none"})", 400},
                     {Method::post, cycle + "nominations", R"({"prize":"leader","group":"none"})", 400},
                     {Method::post, cycle + "nominations", R"({"prize":"leader"})", 400},
                     {Method::get, cycle + "seal", "", 404},
                     {Method::put, cycle + "seal", R"({"need":9})", 400},
                     {Method::put, cycle + "seal", R"({"need":1,"holders":[{"role":"chair","key":"00"}]})", 400}});
  must(Method::post, "/api/v1/awards/" + step, "secretary", R"({"verb":"accept_entry"})");
  in_review(received("rival", "tunnel"));
  each("secretary",
       {{Method::post, step, R"({"verb":"accept_entry"})", 409},
        {Method::post, cycle + "assignments", R"({"fixed":[{"proposal":")" + id + R"(","juror":"none"}]})", 404},
        {Method::put, one + "/masking", "[]", 400},
        {Method::post, one + "/masking/release", R"({"files":["none"]})", 409}});
}

TEST_F(Refusals, JurorsAndTheChairAreRefusedInBothLanguages) {
  const std::string id = received("applicant", "bridge"), sheet = "sheets/" + in_review(id);
  const std::string cycle = "cycles/test-2026/", panel = "panel/" + id;
  each("juror", {{Method::get, "sheets/none", "", 404},
                 {Method::get, sheet + "/files/none", "", 404},
                 {Method::put, sheet, R"({"scores":{}})", 409},
                 {Method::post, sheet + "/conflict", "{}", 400},
                 {Method::put, cycle + "prizes/leader/vote", R"({"nomination":"none"})", 404},
                 {Method::put, "cycles/none/prizes/leader/vote", "{}", 404}});
  each("chair", {{Method::get, cycle + "ranking", "", 409},
                 {Method::get, cycle + "agreement", "", 409},
                 {Method::get, panel, "", 409},
                 {Method::get, "panel/none", "", 404},
                 {Method::get, cycle + "prizes/none", "", 404},
                 {Method::post, cycle + "seal/chair-key", "{}", 404},
                 {Method::post, panel + "/decisions", R"({"outcome":"shortlist","reason":"x"})", 409}});
  time_is("2026-06-20T00:00:00Z");
  each("juror", {{Method::put, sheet, R"({"scores":1})", 400},
                 {Method::put, sheet, R"({"scores":{"none":1,"effect":99}})", 400},
                 {Method::post, sheet + "/submit", "{}", 400}});
  must(Method::put, "/api/v1/awards/" + sheet, "juror", R"({"scores":{"effect":1,"novelty":1}})");
  must(Method::post, "/api/v1/awards/" + sheet + "/submit", "juror");
  each("juror",
       {{Method::post, sheet + "/submit", "{}", 400}, {Method::post, sheet + "/conflict", R"({"why":"x"})", 409}});
  time_is("2026-07-04T00:00:00Z");
  each("juror", {{Method::put, sheet, R"({"scores":{}})", 409}});
  each("chair", {{Method::post, panel + "/decisions", R"({"outcome":"end_review"})", 400},
                 {Method::post, panel + "/decisions", R"({"outcome":"none","reason":"x"})", 400},
                 {Method::post, panel + "/decisions", R"({"outcome":"shortlist","reason":"x"})", 409},
                 {Method::post, panel + "/decisions", R"({"outcome":"award","reason":"x"})", 400},
                 {Method::post, panel + "/decisions", R"({"outcome":"bonus","reason":"x","bonuses":["none"]})", 400},
                 {Method::post, panel + "/decisions",
                  R"({"outcome":"bonus","reason":"x","bonuses":["certified","certified"]})", 400}});
}

}  // namespace
}  // namespace cityloop::awards
