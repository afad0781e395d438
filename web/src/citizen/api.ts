// What the citizens' pages ask of the server; a follow link's token stands in the path and nowhere else.
import { call, get, part, postOnce, withQuery } from '../api/http';
import type {
  ContactWish,
  FollowedReport,
  NearbyList,
  NewReport,
  Photo,
  PostedReport,
  PublicCity,
  PublicGround,
  PublicMap,
  PublicReportDetail,
  PublicReportPage,
  ServiceList,
} from '../api/schema';

export { Problem } from '../api/http';

export interface ReportQuery {
  state?: 'open' | 'closed' | 'all';
  service?: string;
  bbox?: string;
  since?: string;
  limit?: number;
  cursor?: string;
}

const follow = (token: string) => `/public/v1/follow/${part(token)}`;

export const api = {
  city: () => get<PublicCity>('/public/v1/city'),
  services: () => get<ServiceList>('/public/v1/services'),
  ground: () => get<PublicGround>('/public/v1/ground'),
  nearby: (query: { lon: number; lat: number; radius_m?: number; service?: string }) =>
    get<NearbyList>('/public/v1/nearby', query),
  reports: (query: ReportQuery) => get<PublicReportPage>('/public/v1/reports', query),
  report: (code: string) => get<PublicReportDetail>(`/public/v1/reports/${part(code)}`),
  map: (query: ReportQuery) => get<PublicMap>('/public/v1/map', query),
  photo: (photo: Blob) => call<Photo>('POST', '/public/v1/media', photo),
  post: (report: NewReport, key: string) => postOnce<PostedReport>('/public/v1/reports', report, key),
  follow: (token: string) => get<FollowedReport>(follow(token)),
  putContact: (token: string, contact: ContactWish) => call<FollowedReport>('PUT', `${follow(token)}/contact`, contact),
  eraseContact: (token: string) => call<void>('DELETE', `${follow(token)}/contact`),
};

export const publicPhoto = (id: string, size: 'full' | 'thumb' = 'full') =>
  withQuery(`/public/v1/media/${part(id)}`, { size });
export const followedPhoto = (token: string, id: string, size: 'full' | 'thumb' = 'full') =>
  withQuery(`${follow(token)}/media/${part(id)}`, { size });
export const followPath = follow;
