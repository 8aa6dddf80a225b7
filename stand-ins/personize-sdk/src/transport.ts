import type { AxiosInstance } from "axios";
import type { ToListData } from "./list-data.ts";
import type { ApiResponse } from "./types.ts";

/** One request per call; answers the envelope as it came, with `data` made a list where `toList` is given. */
export interface Transport {
  get<T>(path: string, params?: object, toList?: ToListData): Promise<ApiResponse<T>>;
  post<T>(path: string, body: object, toList?: ToListData): Promise<ApiResponse<T>>;
  patch<T>(path: string, body: object): Promise<ApiResponse<T>>;
  delete<T>(path: string, body?: object): Promise<ApiResponse<T>>;
}

/** `prefix` is `/api/v1` or `/api/v1.1`. */
export function createTransport(http: AxiosInstance, prefix: string): Transport {
  return {
    async get<T>(path: string, params: object = {}, toList?: ToListData) {
      const { data } = await http.get<ApiResponse<T>>(`${prefix}${path}`, { params });
      return withList(data, toList);
    },
    async post<T>(path: string, body: object, toList?: ToListData) {
      const { data } = await http.post<ApiResponse<T>>(`${prefix}${path}`, body);
      return withList(data, toList);
    },
    async patch<T>(path: string, body: object) {
      const { data } = await http.patch<ApiResponse<T>>(`${prefix}${path}`, body);
      return data;
    },
    async delete<T>(path: string, body?: object) {
      const { data } = await http.delete<ApiResponse<T>>(`${prefix}${path}`, { data: body });
      return data;
    },
  };
}

/** An answer that is no object (a text that was not JSON) is left alone. */
function withList<T>(envelope: ApiResponse<T>, toList: ToListData | undefined): ApiResponse<T> {
  if (toList === undefined || typeof envelope !== "object" || envelope === null) return envelope;
  return Object.assign(envelope, { data: toList(envelope.data) });
}
