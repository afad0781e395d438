#include "civic/civic.h"

#include "civic/follow_routes.h"
#include "civic/log_reader.h"
#include "civic/mailer.h"
#include "civic/media_routes.h"
#include "civic/moderation_routes.h"
#include "civic/open311_routes.h"
#include "civic/public_routes.h"

namespace cityloop::civic {
namespace {

constexpr std::size_t kPhotosWaiting = 12, kTasksWaiting = 512;

}  // namespace

struct Civic::Inside {
  Inside(const CivicHouse& house, std::unique_ptr<Book> book_is, PhotoShelf shelf, FollowLinks links_are)
      : settings(house.settings),
        book(std::move(book_is)),
        photos(std::move(shelf)),
        links(std::move(links_are)),
        board(std::uint64_t(base::to_us(house.wall.now()))),
        limits{RateLimit(settings.posts), RateLimit(settings.uploads), RateLimit(settings.reads),
               RateLimit(settings.keys)},
        view{settings, house.city, house.twin, house.shelf},
        reader(view, *book, board, photos, house.wall),
        mailer(settings, fmt::format("{} {}", house.city.name.zh, house.city.name.en), *book, links, house.wall),
        office{settings,     house.city, house.twin, house.guard, house.desk, house.shelf, house.wall, *book,   photos,
               photo_limits, links,      board,      view,        darkroom,   clerk,       limits,     refusals} {}

  const CivicSettings settings;
  const PhotoLimits photo_limits{};
  std::unique_ptr<Book> book;
  PhotoShelf photos;
  FollowLinks links;
  PublicBoard board;
  Limits limits;
  Refusals refusals;
  PublicView view;
  LogReader reader;
  Mailer mailer;
  Clerk darkroom{kPhotosWaiting}, clerk{kTasksWaiting};
  Office office;
};

base::Status copy_book(const std::string& from, const std::string& to) {
  return Sqlite::copy(from, to);
}

Civic::Civic(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Civic::~Civic() {
  stop();
}

base::Result<std::unique_ptr<Civic>> Civic::open(const CivicHouse& house) {
  auto book = TRY(Book::open(house.data_folder + "/" + kBookFile));
  auto photos = TRY(PhotoShelf::open(house.data_folder + "/media"));
  auto links = TRY(FollowLinks::open(house.data_folder + "/civic.key"));
  return std::unique_ptr<Civic>(
      new Civic(std::make_unique<Inside>(house, std::move(book), std::move(photos), std::move(links))));
}

void Civic::add_to(net::Router& router) const {
  const Office& office = inside_->office;
  MediaRoutes{office}.add_to(router);
  PublicRoutes{office}.add_to(router);
  FollowRoutes{office}.add_to(router);
  ModerationRoutes{office, inside_->reader}.add_to(router);
  Open311Routes{office}.add_to(router);
}

base::Status Civic::start() {
  TRY(inside_->reader.start());
  return inside_->mailer.start();
}

void Civic::stop() {
  inside_->mailer.stop();
  inside_->reader.stop();
  inside_->darkroom.close();
  inside_->clerk.close();
}

void Civic::settle() const {
  inside_->reader.settle();
}

std::vector<std::pair<std::string, double>> Civic::counters() const {
  const LogReader::Stats read = inside_->reader.stats();
  const Mailer::Stats mail = inside_->mailer.stats();
  const Limits& limits = inside_->limits;
  std::vector<std::pair<std::string, double>> out{
      {"civic_public_reports", double(inside_->board.size())},
      {"civic_notices", double(read.notices)},
      {"civic_contacts_erased", double(read.contacts_erased)},
      {"civic_photos_erased", double(read.photos_erased)},
      {"civic_mails_sent", double(mail.sent)},
      {"civic_mails_failed", double(mail.failed)},
      {"civic_mails_given_up", double(mail.given_up)},
      {"civic_sweeps", double(read.sweeps)},
      {"civic_failures", double(read.failures)},
      {"civic_photos_refused", double(inside_->refusals.photos)},
      {"civic_reports_refused", double(inside_->refusals.reports)},
      {"civic_steps_refused", double(inside_->refusals.steps)},
      {"civic_links_refused", double(inside_->refusals.links)},
      {"civic_keys_refused", double(inside_->refusals.keys)},
      {"civic_posts_limited", double(limits.posts.refused())},
      {"civic_uploads_limited", double(limits.uploads.refused())},
      {"civic_reads_limited", double(limits.reads.refused())},
      {"civic_keys_limited", double(limits.keys.refused())},
  };
  if (const auto outbox = inside_->book->outbox_counts()) {
    out.emplace_back("civic_outbox_waiting", double(outbox->waiting));
    out.emplace_back("civic_outbox_delivered", double(outbox->delivered));
    out.emplace_back("civic_outbox_given_up", double(outbox->given_up));
  }
  return out;
}

}  // namespace cityloop::civic
