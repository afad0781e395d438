#include "serve/dossier/dossier_routes.h"

#include <map>

#include "base/log.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "serve/case_access.h"
#include "serve/dossier/case_sheet.h"
#include "serve/dossier/evidence.h"
#include "serve/respond.h"
#include "trust/secret.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using flow::Case;
using net::Reply;
using trust::Permission;

enum class Form : std::uint8_t { pdf, zip };

struct Order {
  Form form{Form::pdf};
  Case is;
  trust::Principal by;
  Language language{Language::en};
};

DossierSources sources_of(const DossierRoutes& on) {
  std::map<std::string, flow::Bilingual, std::less<>> people;
  for (const trust::AccountSummary& one : on.guard.accounts().list())
    people.emplace(one.principal.id, one.principal.name);
  const auto person = [people = std::move(people)](std::string_view id) {
    const auto known = people.find(id);
    return known == people.end() ? flow::Bilingual{} : known->second;
  };
  return {on.twin, on.city, on.history, on.shelf, on.zone, on.trail_done, on.photo, on.mask, person};
}

Result<std::string> make(const DossierRoutes& on, const Order& order, base::Instant now) {
  const CaseAccess access{on.guard, on.twin, on.index};
  const DossierSources sources = sources_of(on);
  const CaseFinder find = [&](flow::EntityId id) { return access.find_readable(order.by, id); };
  DossierWish wish{order.is,    findings_of(on.twin, order.is),      find, order.form == Form::zip, now,
                   order.by.id, [&on] { return on.desk.stopping(); }};
  const Dossier dossier = TRY(gather(sources, std::move(wish)));
  const SheetStyle style{on.font_config};
  if (order.form == Form::pdf) return make_case_sheet(sources, dossier, order.language, style);
  return make_evidence(sources, dossier, order.language, find, style);
}

// Who was given what stands in the log before they have it.
Status note_export(const DossierRoutes& on, const Order& order, const std::string& file, base::Instant now) {
  constexpr int kTries = 100;  // a city whose clock stands still gives the same moment twice
  for (int tries = 0; tries < kTries; ++tries) {
    std::string_view tail = order.is.id.text();
    tail.remove_prefix(tail.rfind(':') + 1);
    const flow::EntityId id(
        fmt::format("urn:ngsi-ld:CaseExport:{}:{}-{}", tail, base::to_us(now), on.desk.next_number()));
    twin::Commit commit;
    commit.origin = flow::Name(order.by.id);
    commit.writes.push_back(flow::NounWriter(id, flow::kCaseExportType.text(), flow::WriteMode::create)
                                .link("case", order.is.id)
                                .text("by", order.by.id)
                                .text("department", order.by.department)
                                .text("format", order.form == Form::pdf ? "pdf" : "zip")
                                .text("language", order.language == Language::zh ? "zh" : "en")
                                .text("sha256", trust::fingerprint(file))
                                .number("bytes", double(file.size()))
                                .time("at", now)
                                .take());
    const twin::CommitResult done = on.twin.commit(std::move(commit));
    TRY(done.status);
    if (done.writes.front() || done.writes.front().error().code != Errc::exists) return done.writes.front();
  }
  return fail(Errc::unavailable, "the export could not be noted in the log");
}

net::Response file_response(const Order& order, std::string file) {
  const bool pdf = order.form == Form::pdf;
  net::Response out;
  out.content_type = pdf ? "application/pdf" : "application/zip";
  out.headers.emplace_back("Content-Disposition",
                           fmt::format("attachment; filename=\"{}.{}\"", file_name(order.is), pdf ? "pdf" : "zip"));
  out.headers.emplace_back("Cache-Control", "private, no-store");
  out.headers.emplace_back("X-Content-Type-Options", "nosniff");
  out.body = std::move(file);
  return out;
}

net::Response serve_order(const DossierRoutes& on, const Order& order) {
  const base::Instant now = on.twin.clock().now();
  auto file = make(on, order, now);
  if (!file) {
    if (file.error().code == Errc::unavailable)
      base::log_warn("no dossier of {}: {}", order.is.id.text(), file.error().message);
    return net::problem(file.error());
  }
  if (const Status noted = note_export(on, order, *file, now); !noted) return net::problem(noted.error());
  return file_response(order, std::move(*file));
}

net::Response wait(int status, std::string_view title, std::string_view why) {
  net::Response out = net::problem(status, title, why);
  out.headers.emplace_back("Retry-After", "2");
  return out;
}

void take_order(const DossierRoutes& on, const Call& call, Reply reply, Form form) {
  const CaseAccess access{on.guard, on.twin, on.index};
  auto one = access.readable(call.principal, path_part(call, "id"));
  if (!one) return reply(net::problem(one.error()));
  Order order{form, std::move(*one), call.principal, language_of(call.request)};
  auto waits = std::make_shared<Reply>(std::move(reply));
  const auto taken =
      on.desk.post(call.principal.id, [on, order = std::move(order)] { return serve_order(on, order); }, waits);
  if (taken == DossierDesk::Taken::others_own)
    (*waits)(wait(429, "one at a time", "another dossier is being made for you: it will not take long"));
  if (taken == DossierDesk::Taken::full) (*waits)(wait(503, "busy", "too many dossiers are being made; try again"));
}

}  // namespace

// Whoever has the answer may ask for the next one.
DossierDesk::Taken DossierDesk::post(const std::string& person, std::function<net::Response()> work,
                                     const std::shared_ptr<Reply>& reply) {
  {
    const std::lock_guard lock(mutex_);
    if (!at_work_.insert(person).second) return Taken::others_own;
  }
  const auto done = [this, person] {
    const std::lock_guard lock(mutex_);
    at_work_.erase(person);
  };
  const bool taken = room_.post([work = std::move(work), reply, done] {
    net::Response answer = work();
    done();
    (*reply)(std::move(answer));
  });
  if (!taken) done();
  return taken ? Taken::taken : Taken::full;
}

void DossierRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  for (const Form form : {Form::pdf, Form::zip}) {
    router.add(net::Method::get,
               form == Form::pdf ? "/api/v1/cases/{id}/dossier.pdf" : "/api/v1/cases/{id}/dossier.zip",
               bind(Permission::read_cases, [form](const DossierRoutes& on, const Call& call, Reply reply) {
                 take_order(on, call, std::move(reply), form);
               }));
  }
}

}  // namespace cityloop::serve
